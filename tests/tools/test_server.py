#!/usr/bin/env python3
"""netduel server serves netduel's and iperf3's clients, and says what came of each."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import unittest

import netduel_command as netduel

# Arguments, what the line must name, and a pattern of the hint beside it.
WRONG = [
    (["--nonsense"], "--nonsense", r"--help"),
    (["-p", "65536"], "65536", r"65535"),
    (["-4", "-6"], "-6", r"one"),
    (["--max-tests", "0"], "--max-tests", r"10000"),
    (["--max-time", "soon"], "soon", r"5m"),
    (["--max-rate", "0"], "--max-rate", r"100M"),
    (["--idle-timeout", "-1"], "-1", r"5m"),
    (["--rcv-timeout", "5"], "--rcv-timeout", r"3s"),
    (["-B", ""], "--bind", r"address"),
    (["-D"], "--daemon", r"nohup"),
    (["--server-bitrate-limit", "1M"], "--server-bitrate-limit", r"--max-rate"),
    (["--rsa-private-key-path", "key"], "--rsa-private-key-path", r"tunnel"),
    (["-I", "file"], "--pidfile", r"shell"),
    (["-p", "1", "-p", "65536"], "65536", r"65535"),
    (["--bind=", "-J"], "--bind=", r"value is missing"),
    # What a client says.
    (["-u"], "--udp", r"client"),
    (["-t", "5"], "--time", r"client says that; --max-time"),
    (["-b", "1M"], "--bitrate", r"client says that; --max-rate"),
    (["-n", "1M"], "--bytes", r"leave it out"),
    (["-k", "5"], "--blockcount", r"leave it out"),
    (["-l", "1K"], "--length", r"leave it out"),
    (["-P", "2"], "--parallel", r"leave it out"),
    (["-R"], "--reverse", r"leave it out"),
    (["--bidir"], "--bidir", r"leave it out"),
    (["-w64K"], "--window", r"leave it out"),
    (["-M", "1400"], "--set-mss", r"leave it out"),
    (["-N"], "--no-delay", r"leave it out"),
    (["-C", "reno"], "--congestion", r"leave it out"),
    (["-O", "1"], "--omit", r"leave it out"),
    (["-F", "file"], "--file", r"leave it out"),
    (["-Z"], "--zerocopy", r"leave it out"),
]

# iperf3's calls of a server, with the same.
IPERF3S = [
    (["-sD"], "--daemon", r"nohup"),
    (["-sp", "65536"], "65536", r"65535"),
    (["-s1p65536"], "65536", r"65535"),
    (["-p65536", "-1s"], "65536", r"65535"),
    (["--server", "-p", "65536"], "65536", r"65535"),
]


@contextlib.contextmanager
def serving(test, *arguments):
    """A server on a free port of loopback: the process and its port."""
    process = netduel.start("server", "-p", "0", "-B", "127.0.0.1", *arguments)
    try:
        told = process.stderr if "-J" in arguments else process.stdout
        line = told.readline()
        port = re.search(r"listening on 127\.0\.0\.1:(\d+)", line)
        test.assertIsNotNone(port, line)
        yield process, int(port.group(1))
    finally:
        process.kill()
        process.communicate()


def processors(process):
    """Where each thread of a process may run, in the kernel's words."""
    lists = {}
    for status in pathlib.Path(f"/proc/{process.pid}/task").glob("*/status"):
        for line in status.read_text().splitlines():
            if line.startswith("Cpus_allowed_list:"):
                lists[status.parent.name] = line.split()[1]
    return lists


def end(process, number=signal.SIGINT):
    process.send_signal(number)
    return process.communicate(timeout=10)


class Server(unittest.TestCase):
    def test_a_wrong_argument_gives_one_line_with_a_hint_and_status_2(self):
        for arguments, named, hint in [(["server", *of], *more) for of, *more in WRONG] + IPERF3S:
            with self.subTest(arguments=" ".join(arguments)):
                result = netduel.run(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(named, result.stderr)
                self.assertRegex(result.stderr.replace(named, "", 1), re.compile(hint, re.I))

    def test_a_port_in_use_is_one_line(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            for call in (["server", "-B", "127.0.0.1"], ["-s", "-B", "127.0.0.1"]):
                result = netduel.run(*call, "-p", port)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(str(port), result.stderr)

    def test_it_tells_of_a_test_and_ctrl_c_ends_it(self):
        with serving(self) as (process, port):
            client = netduel.run("client", "127.0.0.1", "-p", port, "-t", "200ms", "-u", "-b", "10M")
            self.assertEqual((client.returncode, client.stderr), (0, ""))
            stdout, stderr = end(process)
            self.assertEqual((process.returncode, stderr), (130, ""))
            self.assertRegex(stdout, r"UDP test of netduel begins")
            self.assertRegex(stdout, r"stream 1 UDP, from the client: .* lost \d+/\d+ .* jitter")

    def test_its_end_ends_the_tests_of_its_clients(self):
        with serving(self) as (process, port):
            client = netduel.start("client", "127.0.0.1", "-p", port, "-t", "60")
            try:
                self.assertIn("begins", process.stdout.readline())
                end(process, signal.SIGTERM)
                self.assertEqual(process.returncode, 143)
                stdout, stderr = client.communicate(timeout=20)
                self.assertEqual(client.returncode, 1)
                self.assertEqual(stderr.count("\n"), 1, stderr)
            finally:
                client.kill()
                client.communicate()

    def test_one_off_ends_after_a_test_and_json_is_one_line(self):
        with serving(self, "-1", "-J") as (process, port):
            client = netduel.run("client", "127.0.0.1", "-p", port, "-t", "200ms")
            self.assertEqual(client.returncode, 0, client.stderr)
            stdout, _ = process.communicate(timeout=10)
            self.assertEqual(process.returncode, 0)
            self.assertEqual(stdout.count("\n"), 1)

    def test_its_json_lines_are_documents_of_its_side(self):
        calls = ([], ["-R"], ["-u", "-b", "10M"], ["-u", "-b", "5M", "--bidir"])
        with serving(self, "-J") as (process, port):
            for arguments in calls:
                client = netduel.run("client", "127.0.0.1", "-p", port, "-t", "200ms", *arguments)
                self.assertEqual(client.returncode, 0, client.stderr)
            stdout, _ = end(process)
        lines = stdout.splitlines()
        self.assertEqual(len(lines), len(calls))
        for line, arguments in zip(lines, calls):
            with self.subTest(arguments=arguments):
                found = netduel.check(self, json.loads(line))
                self.assertIn("accepted_connection", found["start"])
                # It is told of no offset. On one host it needs none.
                self.assertIsNone(found["netduel"]["clock"])
                self.assertGreater(found["netduel"]["delay_seconds"]["p50"], 0)
                # A busy machine may keep a sender back.
                self.assertEqual([warning for warning in found["netduel"]["warnings"]
                                  if warning["id"] != "pacing_error"], [])

    def run_at_once(self, port, *calls):
        clients = [netduel.start("client", "127.0.0.1", "-p", port, "-t", "2", "-b", "10M", *call)
                   for call in calls]
        for client in clients:
            client.communicate(timeout=20)
            self.assertEqual(client.returncode, 0)

    def test_tests_at_the_same_time_are_compared_once_they_have_ended(self):
        with serving(self) as (process, port):
            self.run_at_once(port, [], [], [], ["-R"])
            stdout, _ = end(process)
        groups = re.findall(r".*Jain's.*\n", stdout)
        self.assertEqual(len(groups), 1, stdout)
        self.assertRegex(groups[0], r"^3 TCP tests from the client ran at the same time; Jain's "
                                    r"index of their rates is [01]\.\d+\n$")

    def test_json_says_of_each_test_which_ran_beside_it(self):
        with serving(self, "-J") as (process, port):
            self.run_at_once(port, [], [], ["-u"])
            stdout, _ = end(process)
        beside = {"TCP": [], "UDP": []}
        for line in stdout.splitlines():
            found = netduel.check(self, json.loads(line))
            beside[found["start"]["test_start"]["protocol"]].append(found["netduel"]["concurrent"])
        alone = {"tests": 1, "jain_index": None}
        self.assertEqual(beside["UDP"], [alone])
        self.assertEqual([beside["TCP"][0], beside["TCP"][1]["tests"]], [alone, 2])
        self.assertGreater(beside["TCP"][1]["jain_index"], 0.9)

    def test_a_longer_test_than_allowed_is_refused(self):
        with serving(self, "--max-time", "1") as (_, port):
            client = netduel.run("client", "127.0.0.1", "-p", port, "-t", "5")
            self.assertEqual(client.returncode, 1, client.stdout)
            self.assertRegex(client.stderr, r"^netduel: the server failed: .*longer.* \(code 37\)\n$")

    def test_a_client_that_is_one_too_many_hears_it_with_iperf3s_code(self):
        with serving(self, "--max-tests", "1") as (process, port):
            first = netduel.start("client", "127.0.0.1", "-p", port, "-t", "60")
            try:
                self.assertIn("begins", process.stdout.readline())
                second = netduel.run("client", "127.0.0.1", "-p", port, "-t", ".2")
                self.assertEqual(second.returncode, 1, second.stdout)
                self.assertRegex(second.stderr, r"^netduel: the server denied access: .*busy.* "
                                                r"\(code 121\)\n$")
            finally:
                first.kill()
                first.communicate()

    def test_a_client_chooses_processors_for_its_own_test_alone(self):
        allowed = sorted(os.sched_getaffinity(0))
        if len(allowed) < 2:
            self.skipTest("there is one processor only")
        for way in ([], ["-R", "-b", "10M"]):
            with self.subTest(way=way), serving(self) as (process, port):
                before = processors(process)
                client = netduel.start("client", "127.0.0.1", "-p", port, "-t", "60", "-i", "0.1",
                                       "-A", f"{allowed[0]},{allowed[-1]}", *way)
                try:
                    while "0.00-0." not in (line := client.stdout.readline()):
                        self.assertNotEqual(line, "")
                    during = processors(process)
                    self.assertEqual({thread: during[thread] for thread in before}, before)
                    others = [where for thread, where in during.items() if thread not in before]
                    self.assertIn(str(allowed[-1]), others)
                    self.assertEqual(set(others), {str(allowed[-1])})
                    self.assertEqual(set(processors(client).values()), {str(allowed[0])})
                    end(client)
                finally:
                    client.kill()
                    client.wait()

    def test_a_processor_that_is_not_there_is_refused_in_one_line(self):
        with serving(self) as (_, port):
            there = netduel.run("client", "127.0.0.1", "-p", port, "-A", "0,1023", "-t", "200ms")
            self.assertEqual(there.returncode, 1, there.stdout)
            self.assertRegex(there.stderr, r"^netduel: .*the server could not bind itself to that "
                                           r"processor.*\n$")
            here = netduel.run("client", "127.0.0.1", "-p", port, "-A", "1023")
            self.assertEqual((here.returncode, here.stdout), (2, ""))
            self.assertRegex(here.stderr, r"^netduel: --affinity 1023: .*\n$")

    def test_it_ends_when_nobody_comes(self):
        result = netduel.run("server", "-p", "0", "-B", "127.0.0.1", "--idle-timeout", "300ms")
        self.assertEqual(result.returncode, 0)
        self.assertIn("idle", result.stderr)

    def test_iperf3s_client_is_served(self):
        if shutil.which("iperf3") is None:
            self.skipTest("iperf3 is not installed")
        for arguments in (["-n", "1M"], ["-n", "1M", "-R"], ["-u", "-b", "10M", "-n", "1M"]):
            with self.subTest(arguments=arguments), serving(self) as (_, port):
                client = subprocess.run(["iperf3", "-c", "127.0.0.1", "-p", str(port), *arguments],
                                        capture_output=True, text=True, timeout=30, check=False)
                self.assertEqual(client.returncode, 0, client.stdout + client.stderr)
                self.assertIn("receiver", client.stdout)


if __name__ == "__main__":
    netduel.main()
