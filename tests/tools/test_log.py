#!/usr/bin/env python3
"""`netduel compare --log`: what it writes down is what `netduel analyze` reads."""

import pathlib
import tempfile
import unittest

import netduel_command as netduel

PACED = ["compare", "--json", "-b", "20M", "--pairs", 2, "-t", "100ms"]


class Log(unittest.TestCase):
    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.addCleanup(self.place.cleanup)
        self.file = pathlib.Path(self.place.name) / "log.csv"

    def compare(self, *arguments):
        result = netduel.run(*PACED, "--log", self.file, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return netduel.document(self, result)

    def analyze(self, file):
        result = netduel.run("analyze", "--json", file)
        self.assertEqual(result.returncode, 0, result.stderr)
        return netduel.document(self, result)

    def test_a_log_of_one_transport_gives_the_figures_of_its_trials(self):
        found = self.compare("--transport", "udp", "-l", "300")
        udp = found["parts"]["paced"]["udp"]
        again = self.analyze(self.file)
        self.assertEqual(again["sent"], udp["ledger"]["sent"])
        self.assertEqual(again["unique"], udp["ledger"]["delivered"])
        for key in ("duplicates", "reordered", "loss_ratio"):
            self.assertEqual(again[key], udp[key], key)
        self.assertEqual(again["loss_periods"]["count"], udp["loss_periods"]["count"])
        self.assertEqual(again["delivered_octets"], 300 * udp["ledger"]["delivered"])
        self.assertAlmostEqual(again["delay_seconds"]["max"], udp["arrival_delay_seconds"]["max"])
        self.assertEqual(found["logs"], [{"transport": "udp", "file": str(self.file),
                                          "rows": again["rows"], "stopped": False}])

    def test_analysis_of_each_trial_agrees_with_what_compare_says(self):
        found = self.compare("--transport", "udp", "-l", "300")
        udp = found["parts"]["paced"]["udp"]
        again = self.analyze(self.file)
        self.assertEqual(again["streams"], 2)
        # Compare's histograms are off by at most 1 %, and a time by less than a nanosecond.
        for key in ("pdv_seconds", "ipdv_seconds"):
            for percentile in ("p50", "p99", "max"):
                there, here = udp[key][percentile], again[key][percentile]
                self.assertLessEqual(abs(there - here), 0.0101 * abs(here) + 2e-9,
                                     (key, percentile))
        self.assertAlmostEqual(again["jitter_rfc3550_seconds"], udp["jitter_rfc3550_seconds"],
                               delta=1e-9)
        self.assertEqual(again["loss_periods"], udp["loss_periods"])
        self.assertEqual(again["replicated_ratio"], udp["replicated_ratio"])
        self.assertEqual(again["extent"], udp["extent"])

    @unittest.skipUnless(pathlib.Path("/dev/full").exists(), "there is no /dev/full")
    def test_a_log_that_cannot_be_written_does_not_end_the_run(self):
        result = netduel.run(*PACED, "--transport", "udp", "--log", "/dev/full")
        self.assertEqual(result.returncode, 1)
        found = netduel.document(self, result)
        self.assertEqual(found["logs"], [{"transport": "udp", "file": "/dev/full", "rows": 0,
                                          "stopped": True}])
        self.assertIn("log_failed", [warning["id"] for warning in found["warnings"]])
        self.assertEqual(len(found["trials"]), 2)
        self.assertIn("/dev/full", result.stderr)

    def test_both_transports_have_a_log_each(self):
        found = self.compare()
        for log in found["logs"]:
            transport = log["transport"]
            self.assertEqual(log["file"], str(self.file.with_suffix(f".{transport}.csv")))
            self.assertEqual(self.analyze(log["file"])["unique"],
                             found["parts"]["paced"][transport]["ledger"]["delivered"])
        self.assertFalse(self.file.exists())

    def test_a_full_log_stops_and_says_so(self):
        found = self.compare("--transport", "udp", "--log-rows", 5)
        self.assertEqual([(log["rows"], log["stopped"]) for log in found["logs"]], [(5, True)])
        self.assertIn("log_stopped", [warning["id"] for warning in found["warnings"]])
        self.assertIn("# stopped here, after 5 rows", self.file.read_text())
        self.assertEqual(self.analyze(self.file)["unique"], 5)
        self.assertGreater(found["parts"]["paced"]["udp"]["ledger"]["delivered"], 5)

    def refused(self, *arguments):
        result = netduel.run(*PACED, *arguments)
        self.assertEqual(result.returncode, 2, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        return result.stderr

    def test_no_two_outputs_share_a_file(self):
        udp = ["--transport", "udp", "--delay", "1ms", "--log", self.file]
        both = ["--delay", "1ms", "--log", self.file]
        derived = self.file.with_suffix(".tcp.csv")
        for kept, arguments in ((self.file, [*udp, "--truth", self.file]),
                                (self.file, [*udp, "--pcap", self.file]),
                                (derived, [*both, "--truth", derived]),
                                (derived, [*both, "--pcap", derived])):
            with self.subTest(arguments=arguments):
                kept.write_text("what was there")
                told = self.refused(*arguments)
                self.assertRegex(told, r"--log .*: --(truth|pcap) writes that file")
                self.assertEqual(kept.read_text(), "what was there")
                kept.unlink()
                self.refused(*arguments)
                self.assertEqual(list(self.file.parent.iterdir()), [])

    def test_a_log_is_a_file_with_a_name(self):
        for name in ("", "-", "/dev/full", str(self.file.parent), f"{self.file.parent}/",
                     f"{self.file.parent}/new/"):
            with self.subTest(name=name):
                self.assertIn("--log " + (name or "''"), self.refused("--log", name))
                self.assertEqual(list(self.file.parent.iterdir()), [])

    def test_what_cannot_be_is_one_line_before_anything_runs(self):
        for arguments, told in ((["--log", "/nowhere/log.csv"], "--log /nowhere/log"),
                                (["--log-rows", "5"], "--log-rows 5"),
                                (["--log", str(self.file), "--log-rows", "0"], "--log-rows 0")):
            with self.subTest(arguments=arguments):
                result = netduel.run(*PACED, *arguments)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(told, result.stderr)


if __name__ == "__main__":
    netduel.main()
