#!/usr/bin/env python3
"""`netduel sweep`: what UDP and each congestion control do where paths get worse, against the link's truth."""

import csv
import io
import math
import os
import pathlib
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
                "-t", "500ms", "--seed", 5, "--json", "--csv", file)
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


if __name__ == "__main__":
    netduel.main()
