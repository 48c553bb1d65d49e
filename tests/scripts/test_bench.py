#!/usr/bin/env python3
"""What the benches promise apart from figures: intervals, verdicts, the table, their usage."""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from side_by_side import document, intervals, rows  # noqa: E402
from side_by_side.networks import Network  # noqa: E402
from side_by_side.processes import Failed, Process  # noqa: E402
from side_by_side.runs import Run  # noqa: E402


def run(name, *arguments):
    return subprocess.run([BENCH / name, *arguments], capture_output=True, text=True, timeout=60,
                          cwd="/")


class Intervals(unittest.TestCase):
    def test_ten_values_give_the_second_and_the_ninth(self):
        low, high, confidence = intervals.order_statistic_ranks(10)
        self.assertEqual((low, high), (2, 9))
        self.assertAlmostEqual(confidence, 1 - 2 * 11 / 1024)

    def test_six_values_are_the_fewest_that_have_an_interval(self):
        self.assertIsNone(intervals.order_statistic_ranks(5))
        self.assertEqual(intervals.order_statistic_ranks(6), (1, 6, 1 - 2 / 64))

    def test_a_median_of_few_values_has_no_interval(self):
        found = intervals.median_with_interval([3, 1, 2])
        self.assertEqual((found.median, found.low, found.high), (2, None, None))

    def test_ratios_are_taken_round_by_round(self):
        self.assertEqual(intervals.paired_ratios([2, 9], [1, 3]), [2, 3])


class Verdicts(unittest.TestCase):
    def test_a_bar_is_reached_only_by_the_whole_interval(self):
        bar = intervals.Bar(1)
        for low, high, told in ((1, 2, "yes"), (0.9, 2, "undecided"), (0.5, 0.9, "no")):
            with self.subTest(low=low, high=high):
                self.assertEqual(bar.reached(intervals.Interval(1, low, high)), told)

    def test_a_bar_that_may_lie_inside_is_missed_only_from_below(self):
        bar = intervals.Bar(1, may_contain=True)
        for low, high, told in ((1.1, 2, "yes"), (0.9, 2, "yes"), (0.5, 0.9, "no")):
            with self.subTest(low=low, high=high):
                self.assertEqual(bar.reached(intervals.Interval(1, low, high)), told)

    def test_without_an_interval_nothing_is_decided(self):
        self.assertEqual(intervals.Bar(1).reached(intervals.Interval(5)), "undecided")


class Stub:
    def __init__(self, name, octets):
        self.name = name
        self.octets = octets

    def run(self, _, seconds):
        return Run(octets=self.octets, seconds=seconds, cpu_seconds=1,
                   facts={"send_buffer_octets": 7})


class Rows(unittest.TestCase):
    def test_every_program_runs_once_a_round_and_the_table_tells_the_bar(self):
        row = rows.Row("r", "udp", 64, 64, bars={"netduel": intervals.Bar(20)})
        programs = [Stub("netduel", 64_000_000), Stub("iperf3", 1_280_000)]
        found = rows.run_row(row, programs, 6, 2, random.Random(1), lambda _: None)
        self.assertEqual([len(of) for of in found.values()], [6, 6])
        described = document.describe_row(row, found, rows.judge(row, found))
        self.assertEqual(described["ratios"][0]["reached"], "yes")
        table = document.row_as_markdown(described)
        self.assertIn("| netduel | 500,000 | 15.6 | 50.00 [50.00, 50.00] | at least 20 | yes |",
                      table)


class Processes(unittest.TestCase):
    def start(self, *command):
        return Process(command, Network.here(), os.sched_getaffinity(0))

    def test_a_program_that_fails_is_named_with_its_complaint(self):
        with self.start("sh", "-c", "echo why >&2; exit 3") as process:
            with self.assertRaisesRegex(Failed, "status 3: why"):
                process.finished(20)

    def test_leaving_ends_what_still_runs(self):
        with self.start("sleep", "100") as process:
            pass
        self.assertEqual(process.status, -9)


class Usage(unittest.TestCase):
    def test_each_has_a_help(self):
        for name in ("lab", "loopback", "measure", "memory", "veth"):
            with self.subTest(bench=name):
                result = run(name, "--help")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stderr, "")

    def test_an_unknown_row_is_refused_with_those_there_are(self):
        for name in ("loopback", "veth", "memory"):
            with self.subTest(bench=name):
                result = run(name, "--rows", "udp65")
                self.assertEqual(result.returncode, 2)
                self.assertIn("no row udp65: there are udp64", result.stderr)

    def test_a_missing_program_is_named_with_how_to_make_it(self):
        with tempfile.TemporaryDirectory() as folder:
            result = run("loopback", "--netduel", f"{folder}/netduel")
            self.assertEqual(result.returncode, 1)
            self.assertIn("cmake --build build/release", result.stderr)


if __name__ == "__main__":
    unittest.main()
