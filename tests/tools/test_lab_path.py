#!/usr/bin/env python3
"""`netduel compare` over an emulated path: its figures against the link's truth."""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import netduel_command as netduel


def setUpModule():
    probe = netduel.run("lab", "--", "true")
    if probe.returncode != 0 and not os.environ.get("CI"):
        raise unittest.SkipTest(probe.stderr.strip())


class OverALab(unittest.TestCase):
    def compare(self, *arguments):
        """The document and the truth of a comparison."""
        with tempfile.TemporaryDirectory() as place:
            truth = pathlib.Path(place) / "truth.json"
            result = netduel.run("compare", "--json", "--pairs", 1, "--truth", truth, *arguments)
            self.assertEqual(result.returncode, 0, result.stderr)
            return netduel.document(self, result), json.loads(truth.read_text())

    def test_the_ledger_is_the_links_message_for_message(self):
        for seed, more in ((1, []), (2, ["-6"]), (3, ["--no-offload"])):
            with self.subTest(seed=seed, more=more):
                found, truth = self.compare(
                    "--transport", "udp", "-b", "20M", "-l", 500, "-t", 2, "--loss", "2%",
                    "--duplicate", "1%", "--reorder", "1%", "--delay", "5ms", "--seed", seed,
                    *more)
                self.assertEqual(truth["schema"], "netduel/truth/1")
                ledger = found["trials"][0]["ledger"]
                flow = next(flow for flow in truth["directions"]["a_to_b"]["flows"]
                            if flow["protocol"] == "udp")
                lost = flow["dropped"]["loss"]
                self.assertGreater(lost, 0)
                self.assertEqual(ledger["sent"], flow["packets_in"])
                # What the receiver's own buffer dropped is not the link's.
                if ledger["lost_in_host"]["high"] == 0:
                    self.assertEqual(ledger["lost_elsewhere"], {"low": lost, "high": lost})
                    self.assertEqual(ledger["duplicates"], flow["duplicated"])
                    self.assertEqual(ledger["reordered"], flow["reordered"])
                checks = {check["name"]: check["passed"] for check in ledger["checks"]}
                self.assertIs(checks["lost_elsewhere_is_the_links"], True)

    def test_every_packet_of_the_truth_is_accounted_for(self):
        _, truth = self.compare("-b", "5M", "-t", 1, "--loss", "burst:5%,3", "--duplicate", "2%",
                                "--bottleneck", "20M", "--queue", "20p", "--delay", "5ms",
                                "--jitter", "3ms")
        for way in truth["directions"].values():
            for counts in (way["all"], way["udp"], way["tcp"], *way["flows"]):
                self.assertEqual(
                    counts["packets_in"] + counts["duplicated"],
                    counts["forwarded"] + sum(counts["dropped"].values())
                    + counts["held_at_the_end"])

    def test_a_number_that_was_corrupted_ruins_no_other(self):
        found, _ = self.compare("-b", "5M", "-l", 64, "-t", 1, "--corrupt-swap", "1%")
        for trial in found["trials"]:
            with self.subTest(transport=trial["transport"]):
                ledger = trial["ledger"]
                self.assertGreater(ledger["corrupted"], 0)
                missing = ledger["sent"] - ledger["delivered"] - ledger["corrupted"]
                # A busy machine's receiver may have had no room.
                self.assertGreaterEqual(missing, 0)
                self.assertLessEqual(missing, (ledger["lost_in_host"] or {"high": 0})["high"])

    def test_a_hole_holds_up_what_tcp_has_behind_it(self):
        round_trip = 0.020
        # A machine that is busy delays UDP too, so that one try of three is enough.
        for seed in (4, 5, 6):
            found, _ = self.compare("-b", "10M", "-t", 3, "--loss", "2%", "--delay", "10ms",
                                    "--seed", seed)
            udp, tcp = (found["parts"]["paced"][one] for one in ("udp", "tcp"))
            longer = tcp["delay_seconds"]["p99"] - udp["delay_seconds"]["p99"]
            apart = abs(tcp["arrival_delay_seconds"]["p50"] - udp["arrival_delay_seconds"]["p50"])
            if longer >= round_trip and apart < round_trip / 2:
                return
        self.fail(f"p99 is {longer} s longer with TCP, arrivals are {apart} s apart")

    def test_the_path_is_in_the_plan_and_udp_follows_tcp(self):
        found, _ = self.compare("-t", "300ms", "--delay", "5ms", "--bottleneck", "20M")
        self.assertEqual(found["plan"]["path"], "lab")
        self.assertIs(found["plan"]["udp_follows_tcp"], True)
        self.assertAlmostEqual(found["plan"]["lab"]["a_to_b"]["delay_seconds"], 0.005)
        first, second = (trial for trial in found["trials"] if trial["part"] == "full_speed")
        self.assertEqual((first["transport"], second["transport"]), ("tcp", "udp"))
        self.assertAlmostEqual(second["offered_bits_per_second"],
                               first["goodput_bits_per_second"], delta=1)
        self.assertLess(first["goodput_bits_per_second"], 20e6)

    def test_impossible_paths_are_one_line_and_status_2(self):
        for arguments in (["--loss", "120%"], ["--bottleneck", "0"], ["--queue", "10p"],
                          ["--at", "2s"], ["--preset", "dsl"], ["--mtu", "100"],
                          ["--truth", "/nowhere/truth.json"]):
            with self.subTest(arguments=arguments):
                result = netduel.run("compare", *arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(arguments[0], result.stderr)

    def test_an_ordinary_user_can(self):
        if os.geteuid() != 0:
            self.skipTest("not root, so all of these ran as an ordinary user")
        with tempfile.TemporaryDirectory() as place:
            os.chmod(place, 0o755)
            command = pathlib.Path(place) / "netduel"
            command.write_bytes(pathlib.Path(netduel.COMMAND).read_bytes())
            command.chmod(0o755)
            result = subprocess.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", command, "compare",
                 "--json", "--pairs", "1", "-t", "300ms", "-b", "5M", "--delay", "5ms"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                timeout=netduel.TIME_LIMIT)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(json.loads(result.stdout)["plan"]["path"], "lab")


if __name__ == "__main__":
    netduel.main()
