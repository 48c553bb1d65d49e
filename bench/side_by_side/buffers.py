"""The buffers that a running program's sockets have, as the kernel tells them (ss of iproute2)."""

import os
import pathlib
import re
import subprocess
from dataclasses import dataclass


@dataclass(frozen=True)
class Socket:
    inode: int
    state: str
    sent_octets: int
    received_octets: int
    send_buffer_octets: int
    receive_buffer_octets: int


def read_sockets(text):
    """The sockets of `ss --no-header --oneline --extended --memory --info`."""
    def number(pattern, line):
        found = re.search(pattern, line)
        return int(found[1]) if found else 0

    return [Socket(inode=number(r"\bino:(\d+)", line), state=line.split()[0],
                   sent_octets=number(r"\bbytes_sent:(\d+)", line),
                   received_octets=number(r"\bbytes_received:(\d+)", line),
                   send_buffer_octets=number(r"skmem:\(.*?\btb(\d+)", line),
                   receive_buffer_octets=number(r"skmem:\(.*?\brb(\d+)", line))
            for line in text.splitlines() if "skmem:(" in line]


def inodes_of(pid):
    """Of the sockets that a process has open; none where it has ended."""
    found = set()
    try:
        for handle in pathlib.Path(f"/proc/{pid}/fd").iterdir():
            name = os.readlink(handle)
            if name.startswith("socket:["):
                found.add(int(name[8:-1]))
    except OSError:
        pass
    return found


def carrying(sockets, octets_of):
    """The one that carries the data: a program may hold others, to listen or for its control.

    The kernel counts TCP's octets; a UDP server may have a socket of its own for each peer.
    """
    candidates = [one for one in sockets if one.state != "LISTEN"]
    return max(candidates, key=lambda one: (octets_of(one), one.state == "ESTAB"), default=None)


def granted(path, protocol, sending_pid, receiving_pid):
    """Send buffer of the one process and receive buffer of the other; None for what isn't known."""
    command = ["ss", "--no-header", "--oneline", "--numeric", "--all", "--extended", "--memory",
               "--info", f"--{protocol}"]

    def in_network(network):
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False,
                                  preexec_fn=network.enter)
        except (OSError, subprocess.SubprocessError):
            return []
        return read_sockets(done.stdout)

    def of(pid, sockets):
        inodes = inodes_of(pid)
        return [one for one in sockets if one.inode in inodes]

    at_sender = in_network(path.sender)
    at_receiver = at_sender if path.receiver is path.sender else in_network(path.receiver)
    sender = carrying(of(sending_pid, at_sender), lambda one: one.sent_octets)
    receiver = carrying(of(receiving_pid, at_receiver), lambda one: one.received_octets)
    return {"send_buffer_octets": sender and sender.send_buffer_octets,
            "receive_buffer_octets": receiver and receiver.receive_buffer_octets}
