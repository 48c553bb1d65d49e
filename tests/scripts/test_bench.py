#!/usr/bin/env python3
"""What the benches promise apart from figures: intervals, verdicts, the table, their usage."""

import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest

BENCH = pathlib.Path(__file__).resolve().parents[2] / "bench"
sys.path.insert(0, str(BENCH))

from side_by_side import buffers, document, intervals, netduel, networks, rows  # noqa: E402
from side_by_side.command import netduel_version  # noqa: E402
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
    def __init__(self, name, octets, facts=({},)):
        self.name = name
        self.octets = octets
        self.facts = list(facts)

    def run(self, _, seconds):
        facts = self.facts.pop(0) if len(self.facts) > 1 else self.facts[0]
        return Run(octets=self.octets, seconds=seconds, cpu_seconds=1, facts=facts)


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

    def test_what_differs_between_runs_stays_with_its_run(self):
        row = rows.Row("r", "tcp", 10, 40, congestion="cubic")
        told = [{"send_buffer_octets": octets} for octets in (900, None, 1000, 900)]
        found = rows.run_row(row, [Stub("iperf3", 1, told)], 4, 1, random.Random(1), lambda _: None)
        described = document.describe_row(row, found, [])
        runs = described["programs"]["iperf3"]["runs"]
        self.assertEqual([one["send_buffer_octets"] for one in runs], [900, None, 1000, 900])
        self.assertIn("| 900 to 1,000, unknown |", document.row_as_markdown(described))

    def test_over_tcp_the_table_tells_the_longest_write_that_was_measured(self):
        row = rows.ROWS[-1]
        facts = netduel.largest_handed_over(134464, row)
        found = rows.run_row(row, [Stub("netduel", 1, [facts])], 1, 1, random.Random(1),
                             lambda _: None)
        self.assertIn("131,072 octets a batch, at most 134,464 in one write",
                      document.row_as_markdown(document.describe_row(row, found, [])))

    def test_writes_of_another_size_than_the_peers_are_refused(self):
        row = rows.ROWS[-1]
        with self.assertRaisesRegex(Failed, "163,840 octets at once"):
            netduel.largest_handed_over(row.write_octets + row.message_octets, row)


class Buffers(unittest.TestCase):
    def test_they_are_those_of_the_socket_that_carries_the_data(self):
        listening, control, data = buffers.read_sockets(
            "LISTEN 0 4096 *:5202 *:* ino:58 sk:1 <-> skmem:(r0,rb131072,t0,tb16384,f0,w0) cubic\n"
            "ESTAB 0 0 1.1.1.1:5202 1.1.1.1:52 ino:60 sk:2 <-> skmem:(r0,rb131072,t0,tb16384,f0,w0)"
            " ts bytes_sent:4 bytes_acked:4 bytes_received:164\n"
            "ESTAB 5 0 1.1.1.1:5202 1.1.1.1:53 ino:62 sk:3 <-> skmem:(r9,rb33554432,t0,tb16384,f0)"
            " ts bytes_received:747436050\n")
        self.assertEqual((data.inode, data.receive_buffer_octets), (62, 33554432))
        sockets = [listening, data, control]
        self.assertIs(buffers.carrying(sockets, lambda one: one.received_octets), data)

    def test_a_udp_server_may_have_a_socket_for_each_peer(self):
        sockets = buffers.read_sockets(
            "UNCONN 0 0 0.0.0.0:5201 0.0.0.0:* ino:1 <-> skmem:(r0,rb1,t0,tb1)\n"
            "ESTAB 0 0 1.1.1.1:5201 1.1.1.1:42 ino:2 <-> skmem:(r0,rb2,t0,tb2)\n")
        self.assertEqual(buffers.carrying(sockets, lambda one: one.received_octets).inode, 2)

    def test_of_a_running_process_the_kernel_tells_them(self):
        if shutil.which("ss") is None:
            self.skipTest("ss (iproute2) is missing")
        here = Network.here()
        path = networks.Path("here", here, here, "127.0.0.1")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
            one.bind(("127.0.0.1", 0))
            found = buffers.granted(path, "udp", os.getpid(), os.getpid())
            self.assertEqual(found, {
                "send_buffer_octets": one.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF),
                "receive_buffer_octets": one.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)})

    def test_what_has_ended_has_none(self):
        self.assertEqual(buffers.inodes_of(2**22 + 1), set())


class Machine(unittest.TestCase):
    def test_root_of_a_user_namespace_is_whoever_made_that(self):
        user = os.geteuid()
        with tempfile.NamedTemporaryFile("w") as mapped:
            for line, told in ((f"{user} 1000 1\n", "ordinary"), (f"{user} 0 1\n", "root"),
                               (f"0 0 {user + 1}\n", "ordinary" if user else "root")):
                with self.subTest(line=line):
                    mapped.seek(0)
                    mapped.truncate()
                    mapped.write(line)
                    mapped.flush()
                    self.assertEqual(networks.user(mapped.name), told)

    def test_the_version_is_that_of_the_program_measured(self):
        with tempfile.TemporaryDirectory() as folder:
            program = pathlib.Path(folder) / "other"
            program.write_text("#!/bin/sh\necho netduel 47.11\n")
            program.chmod(0o755)
            self.assertEqual(netduel_version(str(program)), "47.11")
        with self.assertRaisesRegex(Failed, "isn't netduel's answer"):
            netduel_version("/bin/true")


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


ALL = ("lab", "loopback", "measure", "memory", "veth")


class Usage(unittest.TestCase):
    def refused(self, name, *arguments, status=2):
        """What is said: one line that names the bench."""
        result = run(name, *arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith(f"bench/{name}: "), result.stderr)
        return result.stderr

    def test_each_has_a_help_with_the_usage_once(self):
        for name in ALL:
            with self.subTest(bench=name):
                result = run(name, "--help")
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertEqual(result.stderr, "")
                self.assertEqual(result.stdout.count("usage:"), 1)

    def test_an_unknown_argument_is_refused_with_those_there_are(self):
        for name in ALL:
            for word in ("--nonsense", "word"):
                with self.subTest(bench=name, word=word):
                    self.assertIn(f"no argument {word}: there are --help, --",
                                  self.refused(name, word))

    def test_an_unknown_row_is_refused_with_those_there_are(self):
        for name in ("loopback", "veth", "memory"):
            with self.subTest(bench=name):
                self.assertIn("no row udp65: there are udp64", self.refused(name, "--rows", "udp65"))
                self.assertIn("there are udp64", self.refused(name, "--rows", ","))

    def test_a_number_that_cannot_be_is_refused(self):
        for name, option, value in (
                ("lab", "--rounds", "0"), ("lab", "--seconds", "-1"), ("lab", "--seconds", "0.3"),
                ("loopback", "--rounds", "0"), ("veth", "--seconds", "x"),
                ("memory", "--warm-up", "-1"), ("memory", "--seconds", "11"),
                ("measure", "--repetitions", "0")):
            with self.subTest(bench=name, option=option, value=value):
                self.assertIn(f"{option}", self.refused(name, option, value))

    def test_fractions_of_a_second_are_refused_where_iperf3_takes_none(self):
        self.assertIn("whole", self.refused("loopback", "--seconds", "0.3"))

    def test_a_missing_program_is_named_with_how_to_make_it(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ALL:
                with self.subTest(bench=name):
                    option = "--program" if name == "measure" else "--netduel"
                    said = self.refused(name, option, f"{folder}/netduel")
                    self.assertIn("cmake --build build/release", said)

    def test_a_program_that_gives_no_figures_is_one_line(self):
        for program in ("/bin/false", "/bin/true"):
            with self.subTest(program=program):
                self.refused("measure", "--program", program, status=1)
                self.refused("memory", "--netduel", program, status=1)
                self.refused("lab", "--netduel", program, "--rows", "loss", status=1)

    def test_a_file_that_cannot_be_written_is_refused_before_anything_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            mark = pathlib.Path(folder) / "ran"
            program = pathlib.Path(folder) / "program"
            program.write_text(f"#!/bin/sh\ntouch {mark}\n")
            program.chmod(0o755)
            for name in ("loopback", "veth", "measure", "memory"):
                with self.subTest(bench=name):
                    arguments = ["--program" if name == "measure" else "--netduel", program]
                    self.assertIn("can't write /no/such/place",
                                  self.refused(name, *arguments, "--json", "/no/such/place"))
                    self.assertFalse(mark.exists())

    def test_a_run_that_fails_leaves_the_output_file_as_it_was(self):
        with tempfile.TemporaryDirectory() as folder:
            new = pathlib.Path(folder) / "new"
            kept = pathlib.Path(folder) / "kept"
            kept.write_text("earlier figures")
            for output in (new, kept):
                self.refused("measure", "--program", "/bin/false", "--json", output, status=1)
            self.assertFalse(new.exists())
            self.assertEqual(kept.read_text(), "earlier figures")


if __name__ == "__main__":
    unittest.main()
