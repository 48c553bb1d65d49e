"""The programs that netduel is measured beside. All run with the buffers that the system gives."""

import json
import re
import signal
import subprocess
import time

from . import buffers
from .processes import Failed, Process, wait_until
from .runs import Run

PORT = 5201
#: Of a run, when the buffers are read: TCP's, which grow by themselves, have grown by then.
WELL_UNDER_WAY = 0.75
#: Seconds between two looks at what isn't there yet.
PAUSE = 0.2


def free_port(path):
    """A port that no program has in the receiving end's network, for both protocols."""
    return next(port for port in range(PORT, PORT + 1000)
                if not path.receiver.listens("tcp", port) and not path.receiver.listens("udp", port))


class Peer:
    """A program with a server at the receiving end and a client at the sending one."""

    def __init__(self, path, placement):
        self.path = path
        self.placement = placement

    def run(self, row, seconds):
        before = self.path.receiver.datagrams_read()
        run = self.measure(row, seconds)
        if row.transport == "udp":
            # None of the peers takes super-packets, so the kernel's count must tell the same.
            read = self.path.receiver.datagrams_read() - before
            run.facts["datagrams_read_by_the_kernels_count"] = read
        return run

    def start(self, command, at):
        network, processors = {
            "sender": (self.path.sender, self.placement.sender),
            "receiver": (self.path.receiver, self.placement.receiver)}[at]
        return Process(command, network, processors)

    def serve(self, command, protocol, port):
        server = self.start(command, "receiver")
        try:
            wait_until(lambda: self.path.receiver.listens(protocol, port), f"{command[0]} listens")
        except Failed:
            server.stop(signal.SIGKILL)
            raise
        return server


    def granted(self, row, seconds, client, server):
        """The buffers of the sockets that carry the data, read once while they do.

        sockperf waits for about two seconds before it sends, and until then its socket has no port,
        which is what makes the kernel list it.
        """
        time.sleep(WELL_UNDER_WAY * seconds)
        while True:
            found = buffers.granted(self.path, row.transport, client.pid, server.pid)
            if None not in found.values() or not buffers.inodes_of(client.pid):
                return found
            time.sleep(PAUSE)


class Iperf3(Peer):
    name = "iperf3"
    transports = ("udp", "tcp")
    delivered = "the octets that its server reports as received, by the length"

    @staticmethod
    def version():
        return first_line("iperf3", "--version").split()[1]

    def measure(self, row, seconds):
        port = free_port(self.path)
        client = ["iperf3", "-c", self.path.address, "-p", port, "-l", row.write_octets, "-t",
                  seconds, "--json"]
        client += ["-u", "-b", 0] if row.transport == "udp" else ["-C", row.congestion]
        with self.serve(["iperf3", "-s", "-1", "-p", port], "tcp", port) as server, \
                self.start(client, "sender") as process:
            facts = self.granted(row, seconds, process, server)
            found = json.loads(process.finished(seconds + 20))
            server.wait(10)
            received = found["end"]["sum_received"]
            return Run(octets=received["bytes"], seconds=received["seconds"],
                       cpu_seconds=process.cpu_seconds + server.cpu_seconds,
                       facts=facts)


class Iperf(Peer):
    """iperf 2. Its rate is set so high that it never waits; -b 0 is refused by this version."""

    name = "iperf"
    transports = ("udp", "tcp")
    delivered = "the octets that its server reports"

    @staticmethod
    def version():
        return first_line("iperf", "--version").split()[2]

    def measure(self, row, seconds):
        port = free_port(self.path)
        client = ["iperf", "-c", self.path.address, "-p", port, "-l", row.write_octets, "-t",
                  seconds]
        server_command = ["iperf", "-s", "-p", port, "-y", "C"]
        if row.transport == "udp":
            client += ["-u", "-b", "1000G"]
            server_command += ["-u", "-l", row.write_octets]
        else:
            client += ["-Z", row.congestion]
            server_command += ["-l", row.write_octets]
        with self.serve(server_command, row.transport, port) as server, \
                self.start(client, "sender") as process:
            facts = self.granted(row, seconds, process, server)
            process.finished(seconds + 20)
            wait_until(lambda: "," in server.output(), "iperf's server reports", 10)
            server.stop(signal.SIGKILL)
            # date, receiver, port, sender, port, id, interval, octets, ...
            words = server.output().splitlines()[-1].split(",")
            begin, end = map(float, words[6].split("-"))
            return Run(octets=int(words[7]), seconds=end - begin,
                       cpu_seconds=process.cpu_seconds + server.cpu_seconds, facts=facts)


class Sockperf(Peer):
    """`sockperf throughput`. Over TCP it writes at most 65 507 octets and takes the system's
    congestion control, so it has no part in that row."""

    name = "sockperf"
    transports = ("udp",)
    delivered = "the messages that its server counted"

    @staticmethod
    def version():
        return first_line("sockperf", "--version").split()[2].rstrip(",")

    def measure(self, row, seconds):
        port = free_port(self.path)
        client = ["sockperf", "throughput", "-i", self.path.address, "-p", port, "-m",
                  row.write_octets, "-t", seconds]
        server_command = ["sockperf", "server", "-i", self.path.address, "-p", port]
        with self.serve(server_command, "udp", port) as server, \
                self.start(client, "sender") as process:
            facts = self.granted(row, seconds, process, server)
            found = re.search(r"messages sent in ([0-9.]+) sec", process.finished(seconds + 20))
            server.stop(signal.SIGINT)
            counted = re.search(r"Total (\d+) messages received", server.output())
            if found is None or counted is None:
                raise Failed("sockperf: a report without figures")
            return Run(octets=int(counted[1]) * row.write_octets, seconds=float(found[1]),
                       cpu_seconds=process.cpu_seconds + server.cpu_seconds, facts=facts)


def first_line(*command):
    """Of what a program says, on either output."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        raise Failed(f"{' '.join(command)}: {error}") from error
    return (done.stdout + done.stderr).partition("\n")[0]


PEERS = (Iperf3, Iperf, Sockperf)
