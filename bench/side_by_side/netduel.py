"""netduel as one of the programs: the command over loopback, its trial alone over two networks."""

import json
import os

from .processes import Failed, Process
from .runs import Run

GIGABYTE = 1e9


class Netduel:
    """`more` are options of the command."""

    delivered = "unique messages that its receiving end read"

    def __init__(self, path, command, name="netduel", offload=True):
        self.path = path
        self.command = command
        self.name = name
        self.offload = offload

    def run(self, row, seconds):
        found, cpu_seconds = self._trial(row, seconds)
        figures = found["figures"]
        failed = [check for check in figures["ledger"]["checks"] or [] if check["passed"] is False]
        if failed:
            raise Failed(f"netduel: the ledger does not balance: {failed}")
        octets = figures["ledger"]["delivered"] * row.message_octets
        rate = figures["delivered_messages_per_second"] * row.message_octets
        facts = {**largest_handed_over(figures.get("largest_super_packet_octets"), row),
                 "send_buffer_octets": figures["send_buffer"]["granted_octets"],
                 "receive_buffer_octets": figures["receive_buffer"]["granted_octets"],
                 "processors": found["processors"]}
        return Run(octets=octets, seconds=octets / rate, cpu_seconds=cpu_seconds, facts=facts)


class OverLoopback(Netduel):
    """`netduel compare` of one transport. Besides the trial at full speed it runs one at a lower
    rate, whose two threads' CPU time, as they measured it, is taken off the process's."""

    def _trial(self, row, seconds):
        command = [self.command, "compare", "--transport", row.transport, "--pairs", 1, "-t",
                   f"{seconds}s", "-l", row.message_octets, "--json"]
        if not self.offload:
            command.append("--no-offload")
        if row.transport == "tcp":
            command += ["--congestion", row.congestion, "--nagle"]
        with Process(command, self.path.sender, os.sched_getaffinity(0)) as process:
            found = json.loads(process.finished(3 * seconds + 30))
        parts = found["parts"]
        paced = parts["paced"] and parts["paced"][row.transport]
        cpu_seconds = process.cpu_seconds - (thread_seconds(paced, row) if paced else 0)
        return {"figures": parts["full_speed"][row.transport],
                "processors": found["plan"]["processors"]}, cpu_seconds


class OverNetworks(Netduel):
    """The trial of the command, by a program that opens each end in a network of its own."""

    def _trial(self, row, seconds):
        command = [self.command, self.path.sender.path, self.path.receiver.path, self.path.address,
                   row.transport, row.message_octets, 1000 * seconds,
                   "offload" if self.offload else "single", row.congestion or "-"]
        with Process(command, self.path.sender, os.sched_getaffinity(0),
                     (self.path.sender.handle, self.path.receiver.handle)) as process:
            found = json.loads(process.finished(seconds + 30))
        return found, process.cpu_seconds


def largest_handed_over(octets, row):
    """Of what the kernel took at once: a super-packet, or over TCP a write.

    Over TCP a batch is as long as the peers' writes. Where the kernel took a batch in part, the
    rest of the message that it cut goes out in one write with the next batch.
    """
    if row.transport == "udp":
        return {"largest_super_packet_octets": octets,
                "largest_super_packet_messages": octets and octets // row.message_octets}
    if octets is not None and octets >= row.write_octets + row.message_octets:
        raise Failed(f"netduel: wrote {octets:,} octets at once, more than the {row.write_octets:,}"
                     f" that all are to write and the rest of a message of {row.message_octets:,}")
    return {"largest_write_octets": octets}


def thread_seconds(figures, row):
    """CPU time of the two data threads of a trial."""
    gigabytes = figures["ledger"]["delivered"] * row.message_octets / GIGABYTE
    cost = figures["cpu_seconds_per_gigabyte"]
    return gigabytes * ((cost["sender"] or 0) + (cost["receiver"] or 0))
