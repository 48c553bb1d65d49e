#!/usr/bin/env python3
"""Every program in examples/ does what it says, over real sockets on loopback."""

import os
import pathlib
import re
import subprocess
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = PROJECT / "examples"
PROGRAMS = pathlib.Path(os.environ.get("EXAMPLES", PROJECT / "build/release/examples"))
NAMESPACE = PROJECT / "tests/netns/run"

# No example takes longer, also on a busy machine: they end by themselves.
TIME_LIMIT = 30

# Arguments that each example turns down, and says how to call it.
WRONG = {
    "udp_sender": [[], ["127.0.0.1:5201"], ["localhost:5201", "hello"], ["127.0.0.1", "hello"],
                   ["127.0.0.1:0", "hello"], ["[::1:5201", "hello"]],
    "udp_receiver": [[], ["localhost:5201"], ["127.0.0.1:65536"], ["127.0.0.1:5201", "more"]],
    "multicast_sender": [[], ["239.255.77.3"], ["127.0.0.1:5201"], ["nonsense"],
                         ["239.255.77.3:5201", "lo", "more"]],
    "multicast_receiver": [[], ["127.0.0.1:5201"], ["nonsense"],
                           ["239.255.77.3:5201", "lo", "nobody"],
                           ["239.255.77.3:5201", "lo", "127.0.0.1", "more"]],
    "tcp_pair": [["nonsense"], ["0.0.0.0:0"], ["127.0.0.1:0", "more"]],
    "meter_own_stream": [["nonsense"], ["0.0.0.0"], ["127.0.0.1", "more"]],
    "own_io_context": [["nonsense"], ["0.0.0.0"], ["127.0.0.1", "more"]],
}

# As it stands in front of a port.
LOOPBACK = {4: "127.0.0.1", 6: "[::1]"}


def ip_versions():
    """Those that this machine has: containers are often without IPv6."""
    addresses = pathlib.Path("/proc/net/if_inet6")
    return (4, 6) if addresses.exists() and "lo" in addresses.read_text().split() else (4,)


def command(name, *arguments):
    return [str(PROGRAMS / name), *map(str, arguments)]


def run(name, *arguments):
    return subprocess.run(command(name, *arguments), text=True, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=TIME_LIMIT)


class Listening:
    """A receiver in the background, and the endpoint that it says it listens at."""

    def __init__(self, test, name, *arguments):
        self.process = subprocess.Popen(
            command(name, *arguments), text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        test.addCleanup(self.stop)
        first = self.process.stdout.readline()
        found = re.fullmatch(r"Listening (?:at|to) (\S+)\.\n", first)
        if not found:
            test.fail(f"{name} begins with {first!r}; {self.process.communicate()[1]}")
        self.endpoint = found[1]

    def finish(self):
        """What it printed after the first line, and its exit status."""
        out, err = self.process.communicate(timeout=TIME_LIMIT)
        return out.splitlines(), err, self.process.returncode

    def stop(self):
        self.process.kill()
        self.process.communicate()


class Example(unittest.TestCase):
    # Which ones a case runs.
    examples = ()

    def check_one_line(self, result, status, *parts):
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        for part in parts:
            self.assertIn(part, result.stderr)

    def check_success(self, result):
        self.assertEqual(result.stderr, "")
        self.assertEqual(result.returncode, 0)
        return result.stdout.splitlines()


class EveryExample(Example):
    def test_it_is_run_here(self):
        names = {path.stem for path in SOURCES.glob("*.cpp")}
        cases = Example.__subclasses__()
        self.assertEqual({name for case in cases for name in case.examples}, names)
        self.assertEqual(set(WRONG), names)

    def test_wrong_arguments_are_one_line(self):
        for name, calls in WRONG.items():
            for arguments in calls:
                with self.subTest(example=name, arguments=arguments):
                    self.check_one_line(run(name, *arguments), 2, f"usage: {name} ")

    def test_it_has_less_than_60_lines(self):
        for path in SOURCES.glob("*.cpp"):
            with self.subTest(example=path.name):
                self.assertLess(len(path.read_text().splitlines()), 60)

    def test_it_stands_alone_on_the_public_headers(self):
        allowed = re.compile(r"[a-z_]+|netduel/(base|wire|transport|measure)/[a-z_]+\.hpp")
        foreign = {"own_io_context": {"asio.hpp", "unistd.h"}}
        for path in SOURCES.glob("*.cpp"):
            text = path.read_text()
            with self.subTest(example=path.name):
                self.assertNotIn('#include "', text)
                for header in re.findall(r"#include <(.*)>", text):
                    known = header in foreign.get(path.stem, ())
                    self.assertTrue(known or allowed.fullmatch(header), header)


class Udp(Example):
    examples = ("udp_sender", "udp_receiver")

    def test_what_is_sent_is_printed_until_silence(self):
        for version in ip_versions():
            with self.subTest(version=version):
                receiver = Listening(self, "udp_receiver", LOOPBACK[version] + ":0")
                sent = run("udp_sender", receiver.endpoint, "hello", "two\nlines", "")
                self.assertEqual(self.check_success(sent),
                                 [f"Sent 3 of 3 messages to {receiver.endpoint}."])
                lines, err, status = receiver.finish()
                self.assertEqual((err, status), ("", 0))
                host = re.escape(LOOPBACK[version])
                self.assertRegex(lines[0], rf"^5 octets from {host}:\d+: hello$")
                self.assertRegex(lines[1], rf"^9 octets from {host}:\d+: two\?lines$")
                self.assertRegex(lines[2], rf"^0 octets from {host}:\d+: $")
                self.assertEqual(lines[3:], ["Received 3 messages; 0 found the buffer full."])

    def test_the_receiver_ends_when_it_has_enough(self):
        receiver = Listening(self, "udp_receiver", "127.0.0.1:0")
        self.check_success(run("udp_sender", receiver.endpoint, *(["x"] * 100)))
        lines, _, status = receiver.finish()
        self.assertEqual(len(lines), 101)
        self.assertEqual(status, 0)

    def test_a_refusal_is_told_with_what_was_sent(self):
        # Broadcast, which a socket has to ask for.
        result = run("udp_sender", "127.255.255.255:5201", "hello")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stdout, "Sent 0 of 1 messages to 127.255.255.255:5201.\n")
        self.assertRegex(result.stderr, r"\Audp_sender: send to .*: Permission denied\n\Z")

    def test_a_taken_port_is_one_line(self):
        receiver = Listening(self, "udp_receiver", "127.0.0.1:0")
        self.check_one_line(run("udp_receiver", receiver.endpoint), 1, receiver.endpoint)


class Multicast(Example):
    examples = ("multicast_sender", "multicast_receiver")
    group = "239.255.77.3"

    def receive(self, *source):
        """Ten messages through loopback; what the receiver said of them."""
        receiver = Listening(self, "multicast_receiver", f"{self.group}:0", "lo", *source)
        sent = run("multicast_sender", receiver.endpoint, "lo")
        self.assertEqual(self.check_success(sent), [f"Sent 10 messages to {receiver.endpoint}."])
        lines, err, status = receiver.finish()
        self.assertEqual((err, status), ("", 0))
        return receiver.endpoint, lines

    def test_a_member_sees_where_it_was_sent_and_how_it_was_marked(self):
        endpoint, lines = self.receive()
        self.assertEqual(len(lines), 11)
        for line in lines[:-1]:
            self.assertRegex(line, rf"^(9|10) octets from [\d.]+:\d+ to {re.escape(endpoint)}, "
                                   r"hop limit 1, DSCP 34$")
        self.assertEqual(lines[-1], "Received 10 messages.")

    def test_a_source_lets_its_own_messages_through_and_no_others(self):
        _, lines = self.receive()
        source = re.search(r" from ([\d.]+):", lines[0])[1]
        _, lines = self.receive(source)
        self.assertEqual(lines[-1], "Received 10 messages.")
        _, lines = self.receive("127.0.0.77")
        self.assertEqual(lines, ["Received 0 messages."])

    def test_ipv6_works_too(self):
        # Loopback has no route for groups of IPv6, so the two run in a network of their own.
        script = """
          set -e
          ip link add near type veth peer name far
          ip address add fd78::1/64 dev near nodad
          ip link set near up
          ip link set far up
          exec 3< <("$0" "[ff15::77:3]:0" near)
          read -r _ _ endpoint <&3
          "$1" "${endpoint%.}" near
          cat <&3
        """
        result = subprocess.run(
            [NAMESPACE, "-t", str(TIME_LIMIT - 5), "bash", "-c", script,
             PROGRAMS / "multicast_receiver", PROGRAMS / "multicast_sender"],
            text=True, stdin=subprocess.DEVNULL, capture_output=True, timeout=TIME_LIMIT)
        if result.returncode == 77:
            self.skipTest(result.stderr.strip())
        lines = self.check_success(result)
        self.assertRegex(lines[0], r"^Sent 10 messages to \[ff15::77:3\]:\d+\.$")
        for line in lines[1:-1]:
            self.assertRegex(line, r"^(9|10) octets from \[fd78::1\]:\d+ to \[ff15::77:3\]:\d+, "
                                   r"hop limit 1, DSCP 34$")
        self.assertEqual(lines[-1], "Received 10 messages.")

    def test_an_interface_that_is_not_there_is_one_line(self):
        for name in ("multicast_receiver", "multicast_sender"):
            self.check_one_line(run(name, f"{self.group}:5201", "no-such"), 1, "no-such")


class TcpPair(Example):
    examples = ("tcp_pair",)

    def test_both_ends_tell_the_same_counts(self):
        for arguments in ([], *([LOOPBACK[version] + ":0"] for version in ip_versions())):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.check_success(run("tcp_pair", *arguments)),
                                 ["Server: received 5000 messages, sent 1.",
                                  "Client: sent 5000, received 1."])

    def test_an_address_that_is_not_ours_is_one_line(self):
        self.check_one_line(run("tcp_pair", "[100::1]:0" if 6 in ip_versions() else "240.0.0.1:0"),
                            1, "listen at")


class MeterOwnStream(Example):
    examples = ("meter_own_stream",)

    def test_the_figures_are_those_of_the_stream(self):
        for arguments in ([], *([LOOPBACK[version].strip("[]")] for version in ip_versions())):
            with self.subTest(arguments=arguments):
                lines = self.check_success(run("meter_own_stream", *arguments))
                rows = dict(line.split(" ", 1) for line in lines)
                # 0 1 2 4 3 5 5 6 9 10
                self.assertEqual(rows["unique"].strip(), "9")
                self.assertEqual(rows["lost_at_least"].strip(), "2")
                self.assertEqual(rows["reordered"].strip(), "1")
                self.assertEqual(rows["duplicates"].strip(), "1")
                self.assertEqual(rows["delivered_octets"], "1 800 octets")
                self.assertRegex(rows["delay_seconds.p50"], r"^\d[\d.]* s$")
                self.assertRegex(rows["longest_pause"], r"^\d[\d.]* s$")


class OwnIoContext(Example):
    examples = ("own_io_context",)

    def test_all_messages_come_and_it_ends(self):
        for arguments in ([], *([LOOPBACK[version].strip("[]")] for version in ip_versions())):
            with self.subTest(arguments=arguments):
                self.assertEqual(self.check_success(run("own_io_context", *arguments)),
                                 ["Received 10 messages."])


if __name__ == "__main__":
    unittest.main(verbosity=2)
