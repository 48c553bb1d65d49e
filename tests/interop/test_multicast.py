#!/usr/bin/env python3
"""netduel and Debian's iperf 2 at the two ends of a group."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import time
import unittest

import peers


def iperf():
    """The program; without it these tests show nothing."""
    found = shutil.which("iperf")
    if found:
        return found
    if os.environ.get("CI"):
        raise RuntimeError("iperf is missing: scripts/install-deps installs it")
    raise unittest.SkipTest("iperf is missing: scripts/install-deps installs it")


def members(group):
    """How many sockets of this host have joined it."""
    listed = f"{int.from_bytes(socket.inet_aton(group), 'little'):08X}"
    for line in pathlib.Path("/proc/net/igmp").read_text().splitlines():
        if listed in line:
            return int(line.split()[1])
    return 0


class Multicast(unittest.TestCase):
    """Over loopback; each test has a group of its own."""

    def setUp(self):
        self.iperf = iperf()
        self.port = str(peers.free_port())

    def start(self, group, *command):
        """Returns once one more socket has joined the group."""
        before = members(group)
        running = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.stderr.close)
        self.addCleanup(running.wait)
        self.addCleanup(running.kill)
        deadline = time.monotonic() + 10
        while members(group) == before:
            self.assertIsNone(running.poll(), "the receiver ended")
            self.assertLess(time.monotonic(), deadline, "the group is not joined")
            time.sleep(0.01)
        return running

    def iperf_receiver(self, group):
        # The last line of -y C is of the whole stream.
        return self.start(group, self.iperf, "-s", "-u", "-B", group + "%lo", "-p", self.port,
                          "-y", "C")

    def netduel_receiver(self, group, *options):
        return self.start(group, peers.NETDUEL, "multicast", "receive", f"{group}:{self.port}",
                          "--interface", "lo", "--format", "iperf2", "--json", *options)

    def figures_of_iperf(self, running):
        """Ends it, and returns what it counted: octets, lost, total, out of order."""
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=peers.TIME_LIMIT)
        self.assertTrue(out, err)
        fields = out.splitlines()[-1].split(",")
        return {"octets": int(fields[7]), "lost": int(fields[10]), "total": int(fields[11]),
                "out_of_order": int(fields[13])}

    def stream_of_netduel(self, running):
        out, err = running.communicate(timeout=peers.TIME_LIMIT)
        self.assertEqual(running.returncode, 0, err)
        receiver, = json.loads(out)["receivers"]
        stream, = receiver["streams"]
        self.assertTrue(stream["closed"])
        self.assertFalse(stream["announced"])
        self.assertEqual(stream["counted_from"], 0)
        return stream

    def run_command(self, *command):
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=peers.TIME_LIMIT)
        self.assertEqual(result.returncode, 0, result.stderr)
        return result.stdout

    def test_both_programs_count_what_netduel_sends(self):
        group = "239.255.83.1"
        theirs, ours = self.iperf_receiver(group), self.netduel_receiver(group)
        sent = json.loads(self.run_command(
            peers.NETDUEL, "multicast", "send", f"{group}:{self.port}", "--interface", "lo",
            "--format", "iperf2", "-l", "300", "-b", "1200k", "-k", "200", "--json"))
        self.assertEqual(sent["sender"]["sent"], 200)
        self.assertEqual(self.figures_of_iperf(theirs),
                         {"octets": 200 * 300, "lost": 0, "total": 200, "out_of_order": 0})
        stream = self.stream_of_netduel(ours)
        self.assertEqual((stream["ledger"]["sent"], stream["ledger"]["delivered"]), (200, 200))
        self.assertEqual((stream["duplicates"], stream["reordered"]), (0, 0))

    def test_both_programs_count_what_iperf_sends(self):
        # Its own "Sent" is one more than it sends, so that its receiver is the measure.
        group = "239.255.83.2"
        theirs, ours = self.iperf_receiver(group), self.netduel_receiver(group)
        self.run_command(self.iperf, "-c", group, "-B", "127.0.0.1", "-p", self.port, "-u",
                         "-T", "1", "-b", "1M", "-t", "0.4", "-l", "500")
        total = self.figures_of_iperf(theirs)["total"]
        self.assertGreater(total, 50)
        stream = self.stream_of_netduel(ours)
        self.assertEqual((stream["ledger"]["sent"], stream["ledger"]["delivered"]), (total, total))
        self.assertEqual((stream["duplicates"], stream["reordered"]), (0, 0))


if __name__ == "__main__":
    peers.main()
