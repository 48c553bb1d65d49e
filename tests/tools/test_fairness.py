#!/usr/bin/env python3
"""`netduel fairness`: UDP keeps its rate on a shared bottleneck, TCP gives way and comes back."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

import netduel_command as netduel

# A base round trip of 20 ms, as a path without one has no room for a window.
PATH = ("--bottleneck", "20Mbit", "--delay", "10ms")
PHASES = ["tcp_alone", "udp_joins", "udp_leaves"]

# Arguments, and what the one line must tell.
WRONG = [
    (["--udp", "15M"], "--bottleneck"),
    (["--delay", "10ms"], "--bottleneck"),
    (["--down-bottleneck", "20M"], "--bottleneck"),
    ([*PATH, "--udp", "0"], "--udp"),
    ([*PATH, "--udp", "5M,"], "--udp"),
    ([*PATH, "--udp", "100", "-t", "1"], "--udp"),
    ([*PATH, "--tcp", "0"], "--tcp"),
    ([*PATH, "--tcp", "33"], "--tcp"),
    ([*PATH, "-C", "reno,wishful"], "wishful"),
    ([*PATH, "-C", "reno,reno,reno", "--tcp", "2"], "--congestion"),
    ([*PATH, "-t", "1ms"], "--time"),
    ([*PATH, "-t", "1", "-i", "2"], "--interval"),
    ([*PATH, "-t", "1", "-O", "1"], "--omit"),
    ([*PATH, "-l", "10"], "--length"),
    ([*PATH, "--truth", "/nowhere/truth.json"], "--truth"),
]


class Usage(unittest.TestCase):
    def test_a_wrong_call_is_one_line_and_status_2(self):
        for arguments, named in WRONG:
            with self.subTest(arguments=arguments):
                result = netduel.run("fairness", *arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(named, result.stderr)
                self.assertEqual(result.stdout, "")


class Fairness(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        probe = netduel.run("lab", "--", "true")
        if probe.returncode != 0 and not os.environ.get("CI"):
            raise unittest.SkipTest(probe.stderr.strip())

    def fairness(self, *arguments):
        """The document and the truth of a run."""
        with tempfile.TemporaryDirectory() as place:
            truth = pathlib.Path(place) / "truth.json"
            result = netduel.run("fairness", "--json", "--truth", truth, *PATH, *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            return netduel.document(self, result), json.loads(truth.read_text())

    def check_the_ledgers(self, found, truth):
        udp = [flow for flow in found["flows"] if flow["transport"] == "udp"]
        for flow in found["flows"]:
            failed = [check for check in flow["ledger"]["checks"] if not check["passed"]]
            self.assertEqual(failed, [])
        for flow in udp:
            there = next(one for one in truth["directions"]["a_to_b"]["flows"]
                         if one["protocol"] == "udp" and one["ordinal"] == flow["flow_ordinal"])
            ledger = flow["ledger"]
            self.assertEqual(ledger["sent"], there["packets_in"])
            if ledger["lost_in_host"]["high"] == 0:
                lost = there["dropped"]["queue"]
                self.assertEqual(ledger["lost_elsewhere"], {"low": lost, "high": lost})

    def test_udp_keeps_its_rate_while_tcp_gives_way_and_comes_back(self):
        # A busy machine stops senders and link for a while, so that one try of three is enough.
        for seed in (1, 2, 3):
            found, truth = self.fairness("--udp", "15Mbit", "--tcp", 2, "-C", "cubic", "-t", 1.5,
                                         "--seed", seed)
            self.check_the_ledgers(found, truth)
            self.assertEqual([phase["name"] for phase in found["phases"]], PHASES)
            alone, beside, after = (phase["tcp_goodput_bits_per_second"]
                                    for phase in found["phases"])
            ledger = found["flows"][2]["ledger"]
            offered = 15e6 * ledger["offered"] / (ledger["offered"] + ledger["skipped"])
            kept = found["phases"][1]["udp_goodput_bits_per_second"] / offered
            fair = [phase["jain_index"] for phase in found["phases"]]
            if (kept >= 0.95 and beside < 0.5 * alone and after > 0.7 * alone
                    and fair[1] < min(fair[0], fair[2])):
                return
        self.fail(f"UDP kept {kept}; TCP {alone}, {beside}, {after}; Jain {fair}")

    def test_each_flow_has_what_was_asked_of_it(self):
        found, truth = self.fairness("--udp", "2M,4M", "-C", "reno,cubic", "--tcp", 3, "-6",
                                     "-t", "800ms", "-i", "200ms", "-O", "300ms", "-l", 1000)
        self.check_the_ledgers(found, truth)
        self.assertEqual(
            [(flow["transport"], flow["congestion"]) for flow in found["flows"]],
            [("tcp", "reno"), ("tcp", "cubic"), ("tcp", "reno"), ("udp", None), ("udp", None)])
        for phase, present in zip(found["phases"], ([0, 1, 2], [0, 1, 2, 3, 4], [0, 1, 2])):
            self.assertEqual([flow["flow"] for flow in phase["flows"]], present)
            self.assertAlmostEqual(sum(flow["share_ratio"] for flow in phase["flows"]), 1)
            self.assertGreater(phase["seconds"], 0)
        slow, fast = (flow["ledger"]["offered"] + flow["ledger"]["skipped"]
                      for flow in found["flows"][3:])
        self.assertAlmostEqual(slow, 0.8 * 2e6 / 8000, delta=1)
        self.assertAlmostEqual(fast, 0.8 * 4e6 / 8000, delta=1)
        # 200 and 100 ms to settle, then 200, 200 and 100 ms; fewer where the machine stood still.
        self.assertLessEqual(len(found["intervals"]), 15)
        self.assertEqual(found["intervals"][0]["settling"], True)
        self.assertEqual(found["intervals"][-1]["settling"], False)
        for before, one in zip(found["intervals"], found["intervals"][1:]):
            self.assertAlmostEqual(before["start_seconds"] + before["seconds"],
                                   one["start_seconds"])

    def test_a_signal_ends_the_run_and_what_was_seen_is_reported(self):
        # It would go on for three minutes, so this always times out.
        process = netduel.start("fairness", "--json", *PATH, "-t", 60, "-i", "100ms", "-O", 0)
        try:
            with self.assertRaises(subprocess.TimeoutExpired):
                process.communicate(timeout=1.5)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(process.returncode, 130, stderr)
        found = netduel.document(self, subprocess.CompletedProcess([], 130, stdout, stderr))
        self.assertIs(found["interrupted"], True)
        self.assertNotIn("error", found)
        self.assertEqual([phase["name"] for phase in found["phases"]], PHASES[:1])
        self.assertGreater(found["phases"][0]["tcp_goodput_bits_per_second"], 0)
        self.assertGreater(found["flows"][0]["ledger"]["delivered"], 0)
        self.assertEqual(found["flows"][2]["ledger"]["sent"], 0)
        self.assertIsNone(found["summary"]["udp_kept_ratio"])

    def test_the_text_has_bars_a_table_and_a_verdict(self):
        result = netduel.run("fairness", *PATH, "-t", "300ms")
        self.assertEqual(result.returncode, 0, result.stderr)
        for text in ("█", "TCP alone", "UDP joins", "UDP leaves", "Jain", "UDP ", "; TCP "):
            self.assertIn(text, result.stdout)
        self.assertNotIn("\x1b", result.stdout + result.stderr)


if __name__ == "__main__":
    netduel.main()
