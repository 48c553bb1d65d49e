#!/usr/bin/env python3
"""`netduel multicast compare`: what the same stream costs a sender by multicast, unicast and TCP."""

import csv
import io
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

import netduel_command as netduel

METHODS = ("multicast", "unicast", "tcp")
# Arguments, and what the one line must tell.
WRONG = [
    (["--receivers", "0"], "--receivers"),
    (["--receivers", "1,,2"], "--receivers"),
    (["--receivers", "1,many"], "many"),
    (["--receivers", "201"], "200"),
    (["--trials", "0"], "--trials"),
    (["-b", "1k", "-t", "1"], "--bitrate"),
    (["-l", "10"], "--length"),
    (["-4", "-6"], "-6"),
    (["--csv", "--json"], "--csv"),
    (["--csv", "/nowhere/costs.csv"], "/nowhere/costs.csv"),
    (["--loss", "200%"], "200%"),
    (["--receivers", "1,2", "--port", "3:loss=5%"], "--port"),
]


def lab_is_missing():
    probe = netduel.run("lab", "--", "true")
    return probe.returncode != 0 and not os.environ.get("CI") and probe.stderr.strip()


def by_name(found):
    return {(row["method"], row["receivers"]): row for row in found["rows"]}


class Lab(unittest.TestCase):
    """1, 2 and 3 receivers, each a host of its own."""

    @classmethod
    def setUpClass(cls):
        if why := lab_is_missing():
            raise unittest.SkipTest(why)
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "costs.csv"
            cls.result = netduel.run("multicast", "compare", "--receivers", "3,1", "-t", "200ms",
                                     "--trials", 1, "--seed", 5, "--json", "--csv", file)
            cls.csv = list(csv.DictReader(io.StringIO(file.read_text()))) if file.exists() else []

    def setUp(self):
        self.assertEqual(self.result.returncode, 0, self.result.stderr)
        self.found = netduel.document(self, self.result)

    def test_the_senders_link_carries_multicast_once_and_the_others_once_for_each(self):
        for method, grows in zip(METHODS, (0, 1, 1)):
            slope = self.found["slopes"][method]["sender_link_octets"]["relative"]
            # Up to 1 % of the messages may be skipped on a busy machine; TCP may acknowledge a
            # few more or less.
            self.assertAlmostEqual(slope["median"], grows, delta=0.02 if grows == 0 else 0.05,
                                   msg=method)

    def test_each_row_agrees_with_the_links(self):
        rows = by_name(self.found)
        self.assertEqual(set(rows), {(method, n) for method in METHODS for n in (1, 3)})
        for name, row in rows.items():
            with self.subTest(row=name):
                self.assertEqual(row["trials"], 1)
                self.assertEqual(row["checks"]["failed"], 0)
                self.assertEqual(row["checks"]["held"], 0 if name[0] == "tcp" else 3)
                if row["disturbed_trials"] == 0:
                    self.assertEqual(row["delivered_ratio"], 1)
                if name[0] != "tcp":
                    self.assertEqual(row["sender_link"]["in"]["packets"], 0)

    def test_the_comma_separated_values_are_those_of_the_document(self):
        self.assertEqual([float(line["sender_link_octets"]) for line in self.csv],
                         [row["sender_link_octets"] for row in self.found["rows"]])

    def test_the_schema_refuses_what_cannot_be(self):
        for path, value in ((("rows", 0, "method"), "pigeons"), (("rows", 0, "receivers"), 0),
                            (("rows", 0, "retransmitted_segments"), 1), (("slopes",), {})):
            self.assertTrue(netduel.is_refused(self.found, path, value), path)


class Runs(unittest.TestCase):
    def test_a_receiver_behind_a_bad_link_loses_datagrams_and_nothing_of_a_connection(self):
        if why := lab_is_missing():
            self.skipTest(why)
        result = netduel.run("multicast", "compare", "--receivers", "2", "-t", "200ms", "-b", "20M",
                             "--trials", 1, "--seed", 3, "-6", "--port", "2:loss=10%", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        rows = by_name(netduel.document(self, result))
        for method in METHODS[:2]:
            self.assertLess(rows[method, 2]["delivered_ratio"], 1)
            self.assertGreater(rows[method, 2]["delivered_ratio"], 0.8)
            self.assertEqual(rows[method, 2]["checks"]["failed"], 0)
        self.assertEqual(rows["tcp", 2]["delivered_ratio"], 1)
        self.assertGreater(rows["tcp", 2]["retransmitted_segments"], 0)

    def test_without_a_lab_all_runs_over_loopback_and_says_so(self):
        # In a user namespace of one's own that may hold no others.
        refuse = "echo 0 >/proc/sys/user/max_net_namespaces"
        result = netduel.run_in_namespace(refuse, "multicast", "compare", "--receivers", "1,2",
                                          "-t", "200ms", "--trials", 1)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"loopback, seed \d+\n")
        self.assertRegex(result.stdout, r"(?m)^2 +multicast +– .* 100 %$")
        self.assertIn("warning: No emulated network", result.stdout)

    def test_a_signal_ends_it_and_what_was_measured_is_told(self):
        process = netduel.start("multicast", "compare", "--receivers", "1,2", "-t", "100ms",
                                "--trials", 500, "--json")
        try:
            with self.assertRaises(subprocess.TimeoutExpired):
                process.communicate(timeout=3)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(process.returncode, 130, stderr)
        found = netduel.document(self, subprocess.CompletedProcess([], 130, stdout, stderr))
        self.assertIs(found["interrupted"], True)
        self.assertGreater(len(found["rows"]), 0)

    def test_a_wrong_call_gets_one_line(self):
        for arguments, expected in WRONG:
            with self.subTest(arguments=arguments):
                result = netduel.run("multicast", "compare", *arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(expected, result.stderr)


if __name__ == "__main__":
    netduel.main()
