#!/usr/bin/env python3
"""netduel bufferbloat tells an idle path's round trip from a full one's, by what the path is."""

import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import netduel_command as netduel

PATH = ["--delay", "10ms", "--bottleneck", "10M", "--queue", "300ms"]

# Arguments, what the line must name, and a pattern of the hint beside it.
WRONG = [
    ([], "HOST", r"netduel bufferbloat HOST.*--preset bufferbloat"),
    (["-t", "2"], "HOST", r"--delay"),
    (["b", "--delay", "10ms"], "--delay", r"leave HOST or it out"),
    (["b", "--preset", "bufferbloat"], "--preset", r"leave HOST or it out"),
    ([""], "HOST ''", r"name or an address"),
    (["b", "-t", "0"], "--time 0", r"500ms to 1h"),
    (["b", "-t", "soon"], "--time soon", r"500ms to 1h"),
    (["b", "--probe-interval", "0"], "--probe-interval 0", r"1ms to 500 ms"),
    (["b", "-t", "1", "--probe-interval", "200ms"], "--probe-interval 200ms", r"1ms to 100 ms"),
    (["b", "--direction", "sideways"], "--direction sideways", r"up, down or both"),
    (["b", "-b", "0"], "--bitrate 0", r"above 0"),
    (["b", "-b", "fast"], "--bitrate fast", r"10M"),
    (["b", "-C", "westwood9"], "--congestion westwood9", r"this kernel"),
    (["b", "-P", "0"], "--parallel 0", r"1 to 128"),
    (["b", "-p", "65536"], "--port 65536", r"65535"),
    (["b", "-4", "-6"], "-4 -6", r"one of the two"),
    (["b", "--seed", "x"], "--seed x", r"whole number"),
    (["--bottleneck", "no"], "--bottleneck", r"no"),
    (["--nonsense"], "--nonsense", r"--help"),
]


@contextlib.contextmanager
def serving(*arguments):
    """A server on a free port of loopback: the process and its port."""
    process = netduel.start("server", "-p", "0", "-B", "127.0.0.1", *arguments)
    try:
        line = process.stdout.readline()
        yield process, int(re.search(r"listening on 127\.0\.0\.1:(\d+)", line).group(1))
    finally:
        process.kill()
        process.communicate()


def was_busy(truth):
    """The machine had no time for the path: packets left it too late, by what is no queue."""
    return any(way["latest_seconds"] > 0.05 for way in truth["directions"].values())


def has_doubts(document):
    """Whether a run says itself that its load did not fill the path, or not in time."""
    ids = {warning["id"] for warning in document["warnings"]}
    return bool(ids & {"path_not_filled", "pacing_error"})


def is_full(phase):
    """Behind a queue of 300 ms, on a path of 20 ms."""
    return phase["round_trip_seconds"]["p50"] > 0.02 + 0.75 * 0.3


def went_well(document):
    udp = [phase for phase in document["phases"] if phase["name"].startswith("udp")]
    return all(map(is_full, udp)) and not has_doubts(document)


def with_truth(command, *arguments):
    """A run, and what its path did. A busy machine gets another chance, twice."""
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place) / "truth.json"
        for _ in range(3):
            result = netduel.run(command, "--truth", file, *arguments)
            truth = json.loads(file.read_text()) if file.exists() and result.returncode == 0 else None
            if truth is None or (not was_busy(truth) and went_well(json.loads(result.stdout))):
                break
    return result, truth


def needs_a_lab(test):
    probe = netduel.run("lab", "--", "true")
    if probe.returncode != 0 and not os.environ.get("CI"):
        test.skipTest(probe.stderr.strip())


class Bufferbloat(unittest.TestCase):
    def phases(self, found):
        return {phase["name"]: phase for phase in found["phases"]}

    def check_filled(self, found, phase, idle, truth):
        """A load that has filled a queue of 300 ms, unless the run doubts that itself."""
        queue = 0.3
        late = max(way["latest_seconds"] for way in truth["directions"].values())
        probes = phase["probes"]
        self.assertEqual(probes["sent"], probes["answered"] + probes["lost"])
        p50 = phase["round_trip_seconds"]["p50"]
        self.assertTrue(is_full(phase) or has_doubts(found), phase)
        # No longer than the path and its queue, but for a busy machine.
        self.assertLess(p50, 0.02 + queue + 0.05 + 2 * late)
        self.assertLess(idle["round_trip_seconds"]["p50"], p50)
        self.assertAlmostEqual(phase["added_seconds"]["p50"],
                               p50 - idle["round_trip_seconds"]["p50"], delta=1e-6)
        self.assertAlmostEqual(phase["queue_share_ratio"], phase["added_seconds"]["p50"] / p50,
                               delta=1e-6)
        self.assertAlmostEqual(
            phase["buffer_octets"],
            phase["added_seconds"]["p50"] * phase["load"]["goodput_bits_per_second"] / 8, delta=1)

    def check_idle(self, phase):
        self.assertEqual((phase["rtt_by"], phase["load"]), ("udp_probes", None))
        self.assertEqual(phase["probes"]["lost"], 0)
        self.assertGreaterEqual(phase["round_trip_seconds"]["min"], 0.02)

    @classmethod
    def setUpClass(cls):
        """Three slow paths at once: they wait more than they work."""
        cls.pool = concurrent.futures.ThreadPoolExecutor(3)
        cls.over_a_path = cls.pool.submit(
            with_truth, "bufferbloat", *PATH, "-t", 1, "--direction", "up", "--json", "--seed", 7)
        cls.to_a_server = cls.pool.submit(
            with_truth, "lab", *PATH, "--serve", f"{netduel.COMMAND} server", "--",
            netduel.COMMAND, "bufferbloat", "b", "-4", "-t", 1, "--direction", "down", "--json",
            "-b", "14M")
        cls.in_text = cls.pool.submit(
            netduel.run, "bufferbloat", *PATH, "-t", "500ms", "-P", 1, "--direction", "up")

    @classmethod
    def tearDownClass(cls):
        cls.pool.shutdown()

    def test_an_emulated_queue_is_found_as_long_as_it_is(self):
        needs_a_lab(self)
        result, truth = self.over_a_path.result()
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result)
        self.assertEqual([phase["name"] for phase in found["phases"]],
                         ["idle", "tcp_up", "udp_up", "idle_after"])
        self.assertEqual((found["plan"]["path"], found["plan"]["seed"]), ("lab", 7))
        phases = self.phases(found)
        self.check_idle(phases["idle"])
        self.check_idle(phases["idle_after"])
        udp, tcp = phases["udp_up"], phases["tcp_up"]
        self.check_filled(found, udp, phases["idle"], truth)
        # What the bottleneck carries of payload, and more.
        if not has_doubts(found):
            self.assertGreater(udp["load"]["offered_bits_per_second"], 1.05 * 9.8e6)
            self.assertGreater(udp["load"]["loss_ratio"], 0)
            # 300 ms of 10 Mbit/s.
            self.assertGreater(udp["queue_most_octets"], 0.9 * 375000)
        self.assertLess(udp["load"]["goodput_bits_per_second"], 10e6)
        self.assertLessEqual(udp["queue_most_octets"], 375000)
        self.assertGreater(tcp["round_trip_seconds"]["p50"],
                           1.5 * phases["idle"]["round_trip_seconds"]["min"])
        self.assertGreater(tcp["load"]["goodput_bits_per_second"], 3e6)
        self.assertLessEqual(tcp["queue_most_octets"], 375000)
        self.assertEqual(truth["schema"], "netduel/truth/1")
        self.assertEqual(truth["directions"], found["truth"]["directions"])
        self.assertRegex(found["verdict"], r"^Idle .*; while TCP sends .*; while UDP sends .*queue")

    def test_a_server_behind_a_full_queue_is_told_from_an_idle_one(self):
        needs_a_lab(self)
        result, truth = self.to_a_server.result()
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.check(self, json.loads(result.stdout))
        server = found["plan"]["server"]
        self.assertEqual((found["plan"]["path"], server["host"], server["is_netduel"]),
                         ("server", "b", True))
        phases = self.phases(found)
        self.assertEqual(list(phases), ["idle", "tcp_down", "udp_down", "idle_after"])
        self.check_idle(phases["idle"])
        self.check_filled(found, phases["udp_down"], phases["idle"], truth)
        if not has_doubts(found):
            self.assertAlmostEqual(phases["udp_down"]["load"]["offered_bits_per_second"], 14e6,
                                   delta=1.4e6)
        self.assertIsNone(phases["udp_down"]["queue_most_octets"])
        self.assertNotIn("truth", found)
        self.assertRegex(result.stderr, r"netduel: 2 phases of 1 s to b .*UDP at 14 Mbit/s, down")

    def test_the_text_has_a_line_a_phase_and_a_verdict(self):
        needs_a_lab(self)
        result = self.in_text.result()
        self.assertEqual(result.returncode, 0, result.stderr)
        for line in (r"^idle +- .*0 of \d+", r"^TCP up, 1 \w+ .*bit/s", r"^UDP up +\S+ Mbit/s +\S+ Mbit/s .* %",
                     r"^idle again +- .*0 of \d+",
                     r"^Idle .*;\n  while TCP sends .*;\n  while UDP sends "):
            self.assertRegex(result.stdout, re.compile(line, re.MULTILINE))
        self.assertNotIn("phases of", result.stderr)

    def interrupt(self, after, *arguments):
        process = netduel.start("bufferbloat", *arguments)
        try:
            time.sleep(after)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=15)
        finally:
            process.kill()
            process.wait()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def test_an_interrupted_run_reports_what_it_saw(self):
        needs_a_lab(self)
        for after, least in ((0.1, 0), (2, 1)):
            with self.subTest(after=after):
                result = self.interrupt(after, *PATH, "-t", "1", "--json")
                self.assertEqual(result.returncode, 130, result.stderr)
                found = netduel.document(self, result)
                self.assertIs(found["interrupted"], True)
                self.assertNotIn("error", found)
                self.assertGreaterEqual(len(found["phases"]), least)
                self.assertLess(len(found["phases"]), 6)
                if least:
                    self.check_idle(found["phases"][0])

    def test_a_server_that_goes_away_leaves_what_was_measured(self):
        with serving() as (process, port):
            client = netduel.start("bufferbloat", "127.0.0.1", "-p", str(port), "-t", "1", "--json")
            # Once the load has begun: a server that is gone before is asked again for a while.
            while "4 streams" not in (line := process.stdout.readline()):
                self.assertNotEqual(line, "")
            process.kill()
            stdout, stderr = client.communicate(timeout=30)
        self.assertEqual(client.returncode, 1, stderr)
        found = netduel.check(self, json.loads(stdout))
        self.assertEqual(found["phases"][0]["name"], "idle")
        self.assertEqual(found["phases"][0]["probes"]["lost"], 0)
        self.assertIn(found["error"], stderr)
        self.assertEqual(len(stderr.splitlines()), 2, stderr)

    def test_nobody_there_is_one_line(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
            text = netduel.run("bufferbloat", "127.0.0.1", "-p", port)
            found = netduel.run("bufferbloat", "127.0.0.1", "-p", port, "--json")
        self.assertEqual((text.returncode, text.stdout), (1, ""))
        self.assertEqual(text.stderr,
                         f"netduel: connect to 127.0.0.1:{port}: Connection refused\n")
        self.assertEqual(found.returncode, 1)
        self.assertEqual(netduel.document(self, found)["phases"], [])

    def test_wrong_calls_get_one_line_that_helps(self):
        for arguments, name, hint in WRONG:
            with self.subTest(arguments=arguments):
                result = netduel.run("bufferbloat", *arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(name, result.stderr)
                self.assertRegex(result.stderr, hint)


if __name__ == "__main__":
    netduel.main()
