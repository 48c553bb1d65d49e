#!/usr/bin/env python3
"""netduel client -b max-lossless finds a rate, says how, and ends with what it has."""

import json
import re
import signal
import subprocess
import unittest

import netduel_command as netduel

SEARCH = ("client", "-u", "-b", "max-lossless")
# A small buffer, so that this machine's loopback loses before its sender is at its limit.
QUICK = (*SEARCH, "-t", "200ms", "-w", "16K", "-i", "0.1")
TRIAL = {"offered_bits_per_second", "seconds", "confirming", "sent", "lost", "lost_in_host",
         "lost_elsewhere", "skipped", "refused", "lossless"}


class Lossless(unittest.TestCase):
    def check_search(self, search, streams=1):
        self.assertIn("RFC 2544", search["method"])
        self.assertEqual(search["goal_loss_ratio"], 0)
        self.assertIn(search["limited_by"], ("receiver", "path", "sender", "server", None))
        for trial in search["trials"]:
            self.assertEqual(set(trial), TRIAL)
            if trial["lossless"]:
                self.assertEqual((trial["lost"], trial["refused"]), (0, 0))
                self.assertGreater(trial["sent"], 0)
        if search["max_lossless_bits_per_second"] is not None:
            self.assertAlmostEqual(search["max_lossless_bits_per_second"],
                                   streams * search["per_stream_bits_per_second"], delta=1)
            self.assertTrue(any(trial["lossless"] for trial in search["trials"]))

    def test_the_document_is_the_confirming_tests_with_the_search_beside_it(self):
        for more, streams in (((), 1), (("--bidir", "-P", 2), 4)):
            with self.subTest(more=more):
                result = netduel.run(*QUICK, "-J", *more)
                self.assertEqual(result.returncode, 0, result.stderr)
                found = netduel.document(self, result, schema=False)
                search = found["netduel"]["search"]
                self.check_search(search, streams)
                last = search["trials"][-1]
                self.assertGreater(len(search["trials"]), 3)
                self.assertEqual(search["confirmed"], last["confirming"] and last["lossless"])
                if not search["confirmed"]:
                    continue
                # Both tell of one test.
                sums = [found["end"][name] for name in ("sum", "sum_bidir_reverse")
                        if name in found["end"]]
                self.assertEqual(sum(total["packets"] for total in sums), last["sent"])
                self.assertEqual(sum(total["lost_packets"] for total in sums), 0)
                self.assertAlmostEqual(found["start"]["test_start"]["target_bitrate"] * streams,
                                       last["offered_bits_per_second"], delta=streams)

    def test_the_text_has_a_line_for_each_trial_and_the_rate_at_its_end(self):
        result = netduel.run(*QUICK)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertRegex(result.stderr, r"growing rates, .*at most \d+ trials of 200 ms in about")
        lines = result.stdout.splitlines()
        trials = [line for line in lines if re.match(r" *[\d.]+ [kMG]?bit/s +[\d ]+ sent ", line)]
        self.assertGreater(len(trials), 3)
        self.assertRegex(lines[-1], r"^max lossless rate: ([\d.]+ [kMG]?bit/s|none found)")

    def test_trials_are_events_of_a_stream_of_json_before_those_of_the_test(self):
        result = netduel.run(*QUICK, "-R", "--json-stream")
        self.assertEqual(result.returncode, 0, result.stderr)
        events = [json.loads(line) for line in result.stdout.splitlines()]
        names = [event["event"] for event in events]
        self.assertEqual(names[0], "search_trial")
        self.assertEqual(names[-1], "end")
        search = events[-1]["netduel"]["search"]
        self.check_search(search)
        self.assertEqual([event["data"] for event in events if event["event"] == "search_trial"],
                         search["trials"])
        if search["confirmed"]:
            self.assertLess(names.index("search_trial"), names.index("start"))

    def test_ctrl_c_gives_the_trials_done_so_far(self):
        process = netduel.start(*SEARCH, "-t", "30", "--json-stream")
        try:
            lines = [process.stdout.readline() for _ in range(2)]
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(process.returncode, 130, stderr)
        events = [json.loads(line) for line in [*lines, *stdout.splitlines()]]
        self.assertEqual(events[-1]["event"], "end")
        self.assertIs(events[-1]["netduel"]["interrupted"], True)
        search = events[-1]["netduel"]["search"]
        self.check_search(search)
        self.assertGreaterEqual(len(search["trials"]), 2)
        self.assertIs(search["confirmed"], False)
        self.assertIsNone(search["limited_by"])

    def test_ctrl_c_in_the_first_trial_gives_a_document_too(self):
        process = netduel.start(*SEARCH, "-t", "30", "-J")
        try:
            announced = process.stderr.readline()
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
            process.wait()
        self.assertIn("max-lossless", announced)
        result = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
        self.assertEqual(result.returncode, 130, stderr)
        found = netduel.document(self, result, schema=False)
        self.assertIs(found["netduel"]["interrupted"], True)
        self.assertIsInstance(found["netduel"]["search"]["trials"], list)

    def run_with_limit(self, rate, *options):
        server = netduel.start("server", "-p", "0", "-B", "127.0.0.1", "--max-rate", rate)
        try:
            port = re.search(r"(\d+)\D*$", server.stdout.readline()).group(1)
            return netduel.run(*SEARCH[:1], "127.0.0.1", *SEARCH[1:], "-p", port, "-t", "200ms",
                               *options)
        finally:
            server.kill()
            server.communicate()

    def test_a_search_stays_within_what_the_server_allows(self):
        # A third of that is no whole number.
        result = self.run_with_limit("10M", "-J", "-P", "3")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result, schema=False)
        search = found["netduel"]["search"]
        self.check_search(search, 3)
        highest = max(trial["offered_bits_per_second"] for trial in search["trials"])
        self.assertLessEqual(highest, 10e6)
        # A machine that stalls may lose even at that.
        if search["trials"][-1]["offered_bits_per_second"] == highest and search["confirmed"]:
            self.assertEqual(search["limited_by"], "server")
            self.assertAlmostEqual(highest, 10e6, delta=3)

    def test_the_text_says_that_the_server_allows_no_more(self):
        result = self.run_with_limit("5M")
        self.assertEqual(result.returncode, 0, result.stderr)
        last = result.stdout.splitlines()[-1]
        self.assertRegex(last, r"^max lossless rate: ")
        if last.startswith("max lossless rate: 5 Mbit/s"):
            self.assertTrue(last.endswith(", limited by what the server allows"), last)

    def test_a_server_that_refuses_a_rate_ends_the_search_with_what_it_has(self):
        # Less than the first trial offers.
        result = self.run_with_limit("500k", "-J")
        self.assertEqual(result.returncode, 1, result.stderr)
        found = netduel.document(self, result, schema=False)
        self.assertIn("rate", found["error"])
        search = found["netduel"]["search"]
        self.check_search(search)
        self.assertEqual(search["trials"], [])
        self.assertIs(search["confirmed"], False)


if __name__ == "__main__":
    netduel.main()
