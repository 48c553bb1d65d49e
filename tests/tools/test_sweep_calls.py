#!/usr/bin/env python3
"""`netduel sweep` as it is called: other axes, what fails midway, signals, wrong calls."""

import csv
import io
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

import netduel_command as netduel


def setUpModule():
    probe = netduel.run("lab", "--", "true")
    if probe.returncode != 0 and not os.environ.get("CI"):
        raise unittest.SkipTest(probe.stderr.strip())


def rows(point):
    return {row["congestion"] or row["transport"]: row for row in point["rows"]}


class Runs(unittest.TestCase):
    def test_message_lengths_are_an_axis_and_text_has_a_row_for_each(self):
        result = netduel.run("sweep", "-l", "64,1448", "--transport", "udp", "--trials", 1,
                             "-t", "100ms", "-b", "2M")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"(?m)^64 +2 Mbit/s +UDP ")
        self.assertRegex(result.stdout, r"(?m)^1448 +2 Mbit/s +UDP ")
        self.assertIn("█", result.stdout)

    def test_what_passed_the_checksums_corrupted_is_in_the_table_and_in_the_comma_separated_values(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "sweep.csv"
            result = netduel.run("sweep", "--corrupt-swap", "0,20%", "--verify", "--transport", "udp",
                                 "--trials", 1, "-t", "200ms", "-b", "5M", "--csv", file)
            lines = list(csv.DictReader(io.StringIO(file.read_text())))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"1 trial of UDP at each")
        self.assertEqual(lines[0]["corrupted"], "0")
        self.assertGreater(int(lines[1]["corrupted"]), 0)
        self.assertRegex(result.stdout, r"wire/payload +corrupted\n")
        self.assertRegex(result.stdout, rf"(?m)^20% .* {lines[1]['corrupted']}$")

    def test_where_no_connection_comes_about_the_others_go_on(self):
        result = netduel.run("sweep", "--down-loss", "0,100%", "--trials", 1, "-t", "100ms",
                             "-b", "1M", "--congestion", "reno,reno", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result)
        # A congestion control that is named twice is one contender.
        self.assertEqual([len(point["rows"]) for point in found["points"]], [2, 2])
        bad = rows(found["points"][1])
        self.assertEqual(bad["udp"]["delivered_ratio"], 1)
        self.assertEqual((bad["reno"]["trials"], bad["reno"]["failed_trials"]), (0, 1))
        self.assertIsNone(bad["reno"]["goodput_bits_per_second"])
        self.assertIn("trials_failed", [warning["id"] for warning in found["warnings"]])

    def test_a_signal_ends_it_and_what_is_done_is_reported(self):
        process = netduel.start("sweep", "--delay", "1ms,2ms", "--trials", 500, "-t", "100ms",
                                "--json")
        try:
            with self.assertRaises(subprocess.TimeoutExpired):
                process.communicate(timeout=3)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
            process.wait()
        result = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
        self.assertEqual(result.returncode, 130, stderr)
        found = netduel.document(self, result)
        self.assertIs(found["interrupted"], True)
        self.assertEqual([point["value"] for point in found["points"]], ["1ms"])
        self.assertGreater(found["points"][0]["rows"][0]["ledger"]["delivered"], 0)


class Calls(unittest.TestCase):
    def test_a_wrong_call_is_refused_in_one_line_that_says_what_works(self):
        for arguments, words in (
                (["--loss", "1%"], "--loss 0,0.1%"),
                ([], "one option a list"),
                (["--loss", "0,1%", "--delay", "1ms,2ms"], "--loss --delay"),
                (["--loss", "0,soon"], "--loss soon"),
                (["--length", "64,5"], "--length 5"),
                (["--jitter", "0,5ms"], "--jitter"),
                (["--loss", "0,1%", "--trials", "0"], "--trials 0"),
                (["--loss", "0,1%", "--congestion", "warp"], "--congestion warp"),
                (["--loss", "0,1%", "--transport", "udp", "--congestion", "reno"], "--congestion"),
                (["--loss", "0,1%", "--truth", "/tmp/truth.json"], "--truth"),
                (["--loss", "0,1%", "--csv", "/no/such/place"], "--csv /no/such/place"),
                (["--loss", "0,1%", "--csv", "--json"], "--csv --json"),
                (["--loss", "0,1%", "--csv", "-", "--json"], "--csv --json"),
                (["--loss", "0,1%", "-b", "1k", "-t", "1s"], "--bitrate")):
            with self.subTest(arguments=arguments):
                result = netduel.run("sweep", *arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(words, result.stderr)


if __name__ == "__main__":
    netduel.main()
