#!/usr/bin/env python3
"""`netduel sweep`: what UDP and each congestion control do where paths get worse, against the link's truth."""

import csv
import io
import math
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


class Loss(unittest.TestCase):
    """A clean path and one that loses 5 % (20 ms each way, 20 Mbit/s), looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "sweep.csv"
            cls.result = netduel.run(
                "sweep", "--loss", "0,5%", "--delay", "20ms", "--bottleneck", "20M", "--trials", 2,
                "-t", "700ms", "--seed", 5, "--json", "--csv", file)
            cls.csv = file.read_text() if file.exists() else ""

    def setUp(self):
        self.assertEqual(self.result.returncode, 0, self.result.stderr)
        self.document = netduel.document(self, self.result)
        self.clean, self.bad = map(rows, self.document["points"])

    def test_each_value_has_udp_and_each_congestion_control(self):
        self.assertEqual(self.document["axis"], {"name": "loss", "values": ["0", "5%"]})
        self.assertEqual([point["value"] for point in self.document["points"]], ["0", "5%"])
        for found in (self.clean, self.bad):
            self.assertLessEqual({"udp", "reno"}, set(found))
            for row in found.values():
                self.assertEqual(row["trials"], 2)

    def test_the_clean_path_loses_nothing(self):
        for name, row in self.clean.items():
            with self.subTest(row=name):
                self.assertEqual(row["link"]["a_to_b"]["dropped"]["loss"], 0)
                # A machine that stops for a while loses something of its own, and says so.
                if row["disturbed_trials"] == 0:
                    self.assertEqual(row["delivered_ratio"], 1)

    def test_udp_loses_what_the_link_dropped_and_tcp_nothing(self):
        udp = self.bad["udp"]
        ledger, link = udp["ledger"], udp["link"]["a_to_b"]
        missing = ledger["sent"] - ledger["delivered"]
        self.assertEqual(ledger["sent"], link["packets_in"])
        self.assertGreater(link["dropped"]["loss"], 0)
        self.assertLessEqual(ledger["lost_elsewhere"]["low"], link["dropped"]["loss"])
        self.assertLessEqual(link["dropped"]["loss"] + link["dropped"]["queue"], missing)
        # 4 standard deviations: once in 16 000 runs, and the seed is always the same.
        spread = 4 * math.sqrt(0.05 * 0.95 / ledger["offered"])
        self.assertAlmostEqual(udp["delivered_ratio"], 0.95, delta=spread)
        for name, row in self.bad.items():
            if name != "udp":
                self.assertEqual(row["delivered_ratio"], 1, name)
                self.assertGreater(row["retransmitted_segments"], 0, name)

    def test_losses_slow_down_tcp_and_not_udp(self):
        def goodput(found, name):
            return found[name]["goodput_bits_per_second"]["median"]
        for name in {"reno", "cubic"} & set(self.bad):
            with self.subTest(congestion=name):
                self.assertLess(goodput(self.bad, name), 0.6 * goodput(self.clean, name))
                self.assertGreater(self.bad[name]["delay_seconds"]["p99"],
                                   self.bad["udp"]["delay_seconds"]["p99"])
        if self.clean["udp"]["disturbed_trials"] + self.bad["udp"]["disturbed_trials"] == 0:
            self.assertGreater(goodput(self.bad, "udp"), 0.9 * goodput(self.clean, "udp"))

    def test_the_wire_carried_headers_and_acknowledgements_too(self):
        # 1448 octets in frames of 1514 (UDP: 1490, and 38 of Ethernet's own in both).
        udp = self.clean["udp"]
        sent_by_delivered = udp["ledger"]["sent"] / udp["ledger"]["delivered"]
        self.assertAlmostEqual(udp["wire_octets_per_delivered_octet"],
                               (1448 + 28 + 38) / 1448 * sent_by_delivered, places=6)
        for name, row in self.clean.items():
            if name != "udp":
                self.assertGreater(row["wire_octets_per_delivered_octet"], (1448 + 52 + 38) / 1448)

    def test_the_comma_separated_values_are_the_documents(self):
        lines = list(csv.DictReader(io.StringIO(self.csv)))
        self.assertEqual(len(lines), len(self.clean) + len(self.bad))
        for line in lines:
            found = self.clean if line["loss"] == "0" else self.bad
            row = found[line["congestion"] or line["transport"]]
            self.assertEqual(float(line["delivered_ratio"]), row["delivered_ratio"])
            self.assertEqual(float(line["goodput_bits_per_second"]),
                             row["goodput_bits_per_second"]["median"])

    def test_the_schema_refuses_what_is_wrong(self):
        row = ["points", 1, "rows", 0]
        for path, value in (
                (["schema"], "netduel/sweep/2"), (["axis", "values"], ["0"]), (["interrupted"], 0),
                (["points", 0, "value"], 0), (["points", 0, "offered_bits_per_second"], 0),
                (["points", 0, "lab"], None), (["points", 0, "rows"], None), (["error"], None),
                (row + ["transport"], "sctp"), (row + ["congestion"], "reno"),
                (row + ["delivered_ratio"], 1.5), (row + ["retransmitted_segments"], 0),
                (row + ["ledger"], {}), (row + ["delay_seconds", "p99"], "long"),
                (row + ["goodput_bits_per_second"], 1e6), (row + ["link"], [])):
            with self.subTest(path=path):
                self.assertTrue(netduel.is_refused(self.document, path, value))


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
