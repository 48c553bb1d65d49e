#!/usr/bin/env python3
"""`netduel analyze`: figures from a log of arrivals."""

import json
import pathlib
import tempfile
import unittest

import netduel_command as netduel

LOG = "sequence,sent,arrived,octets\n" + "".join(
    f"{sequence},0.{sequence},1.{at:02},1000\n"
    for at, sequence in enumerate((1, 2, 3, 7, 8, 9, 4, 5, 6, 6)))


class Analyze(unittest.TestCase):
    def analyze(self, text, *arguments):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "log.csv"
            file.write_text(text)
            return netduel.run("analyze", file, *arguments)

    def test_one_document_with_the_figures_of_the_standards(self):
        result = self.analyze(LOG, "--json", "--sent", 10)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result)
        self.assertEqual(found["schema"], "netduel/analyze/1")
        wanted = {"sent": 10, "unique": 9, "lost": 1, "duplicates": 1, "reordered": 3,
                  "extent": {"mean": 4.0, "max": 5}, "n_reordering": {"1": 1, "2": 1, "3": 1}}
        self.assertEqual({key: found[key] for key in wanted}, wanted)
        self.assertAlmostEqual(found["reordered_ratio"], 1 / 3)
        for key in ("delay_seconds", "pdv_seconds", "ipdv_seconds"):
            self.assertLessEqual({"min", "p50", "p99", "max"}, set(found[key]))
        self.assertGreater(found["jitter_rfc3550_seconds"], 0)
        self.assertEqual(found["loss_periods"]["count"], 1)

    def test_a_table_for_people(self):
        result = self.analyze(LOG)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"reordered +3\n")
        self.assertRegex(result.stdout, r"PDV, p99 +\d")

    def test_a_table_tells_of_several_trials(self):
        trials = "".join(f"# {n}: 2 sent, numbered from 0\n0,{n},{n + 1}\n1,{n},{n + 1}\n"
                         for n in range(3))
        self.assertRegex(self.analyze(trials).stdout, r"trials, by themselves +3\n")
        self.assertNotIn("trials", self.analyze(LOG).stdout)
        result = self.analyze(trials, "--sent", 6)
        self.assertEqual((result.returncode, result.stderr.count("\n")), (2, 1))
        self.assertIn("--sent 6: the log has 3 trials", result.stderr)

    def test_a_table_says_where_its_bounds_bind(self):
        numbers = [n for n in range(1, 70000)] + [0]
        late = "".join(f"{n},0,{at},100\n" for at, n in enumerate(numbers))
        self.assertRegex(self.analyze(late).stdout, r"byte offsets that are more +1\n")
        self.assertNotIn("that are more", self.analyze(LOG).stdout)

    def test_malformed_rows_are_one_line_with_their_number(self):
        result = self.analyze(LOG + "10,1\nx\n", "--json")
        self.assertEqual(result.returncode, 2)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertRegex(result.stderr, r"line 12: '10,1'.*also line 13")

    def test_what_cannot_be_analyzed_is_one_line(self):
        for text, arguments, told in (("", [], "no rows"), (LOG, ["--omit", "1h"], "--omit"),
                                      (LOG, ["--sent", "3"], "--sent 3"),
                                      (LOG, ["--tmax", "soon"], "--tmax soon")):
            with self.subTest(arguments=arguments):
                result = self.analyze(text, *arguments)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(told, result.stderr)

    def test_a_message_that_never_came_may_be_without_times(self):
        result = self.analyze(LOG + "10,,\n11,5,\n", "--json", "--omit", "0.05")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout)
        self.assertEqual((found["sent"], found["lost"]), (10, 2))

    def test_goodput_over_time_where_there_are_octets(self):
        found = json.loads(self.analyze(LOG, "--json").stdout)
        self.assertEqual(found["delivered_octets"], 9000)
        self.assertTrue(found["intervals"] == [] or found["intervals"][0]["messages"] > 0)
        without = json.loads(self.analyze("1,0,1\n2,1,3\n", "--json").stdout)
        self.assertNotIn("intervals", without)

    def test_a_file_that_is_not_there_is_named(self):
        result = netduel.run("analyze", "/nowhere/log.csv")
        self.assertEqual(result.returncode, 2)
        self.assertIn("/nowhere/log.csv: cannot be read (No such file", result.stderr)


if __name__ == "__main__":
    netduel.main()
