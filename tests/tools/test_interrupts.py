#!/usr/bin/env python3
"""Ctrl-C ends a run early, and what was measured until then is still reported."""

import signal
import subprocess
import unittest

import netduel_command as netduel


class Interrupts(unittest.TestCase):
    def interrupt(self, after, number, *arguments):
        """Lets a long run go on for `after` seconds, sends it a signal and waits for its end."""
        process = netduel.start("compare", *arguments)
        try:
            # It would go on for a minute at least, so this always times out.
            with self.assertRaises(subprocess.TimeoutExpired):
                process.communicate(timeout=after)
            process.send_signal(number)
            # The end of a trial takes its drain time, and no more.
            stdout, stderr = process.communicate(timeout=5)
        finally:
            process.kill()
            process.wait()
        return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)

    def test_a_signal_ends_the_run_and_the_finished_trials_are_reported(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143),
                               (signal.SIGHUP, 129)):
            with self.subTest(signal=number.name):
                result = self.interrupt(2, number, "--json", "--pairs", 400, "-t", "100ms")
                self.assertEqual(result.returncode, status, result.stderr)
                found = netduel.document(self, result)
                self.assertIs(found["interrupted"], True)
                # Two seconds hold at least two trials of 0.1 s with their drains.
                self.assertGreaterEqual(len(found["trials"]), 2)
                for trial in found["trials"][:2]:
                    self.assertGreater(trial["ledger"]["delivered"], 0)

    def test_a_hangup_that_is_ignored_stays_so(self):
        # As nohup(1) has it.
        process = netduel.start("client", "-t", "1", "-i", "0.1", preexec_fn=lambda: signal.signal(
            signal.SIGHUP, signal.SIG_IGN))
        try:
            while "0.00-0." not in (line := process.stdout.readline()):
                self.assertNotEqual(line, "")
            process.send_signal(signal.SIGHUP)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
            process.wait()
        self.assertEqual((process.returncode, stderr), (0, ""))
        self.assertNotIn("Interrupted", stdout)

    def test_a_signal_within_the_first_trial_still_gives_a_document(self):
        for transport in ("udp", "tcp"):
            for more in ([], ["-b", "10M"]):
                with self.subTest(transport=transport, more=more):
                    result = self.interrupt(1, signal.SIGINT, "--json", "--pairs", 1, "-t", 60,
                                            "--transport", transport, *more)
                    self.assertEqual(result.returncode, 130, result.stderr)
                    self.assertIs(netduel.document(self, result)["interrupted"], True)

    def test_a_rate_that_no_machine_keeps_does_not_hold_up_the_end(self):
        result = self.interrupt(1, signal.SIGINT, "--json", "--pairs", 1, "-t", 60,
                                "-b", "1T", "-l", 16)
        self.assertEqual(result.returncode, 130, result.stderr)
        self.assertIs(netduel.document(self, result)["interrupted"], True)

    def test_a_connection_that_a_bad_path_keeps_from_opening_does_not_hold_up_the_end(self):
        probe = netduel.run("lab", "--", "true")
        if probe.returncode != 0:
            self.skipTest(probe.stderr.strip())
        result = self.interrupt(1, signal.SIGINT, "--json", "--transport", "tcp", "--loss",
                                "100%", "--delay", "30s")
        self.assertEqual(result.returncode, 130, result.stderr)
        found = netduel.document(self, result)
        self.assertIs(found["interrupted"], True)
        self.assertNotIn("error", found)
        self.assertIn("link a to b", result.stderr)

    def test_a_signal_that_comes_twice_at_once_is_one_request(self):
        # timeout(1) signals its child, and then the group that both are in.
        command = ["timeout", "-s", "INT", "1", netduel.COMMAND, "compare", "--json", "--pairs",
                   "400", "-t", "100ms"]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                timeout=netduel.TIME_LIMIT)
        self.assertIs(netduel.document(self, result)["interrupted"], True)

    def test_the_table_says_that_it_was_interrupted(self):
        result = self.interrupt(1, signal.SIGINT, "--pairs", 400, "-t", "100ms")
        self.assertEqual(result.returncode, 130, result.stderr)
        self.assertIn("interrupted", result.stdout.lower())
        self.assertIn("UDP", result.stdout)

    def test_a_run_that_was_not_interrupted_says_so(self):
        result = netduel.run("compare", "--json", "--pairs", 1, "-t", "50ms", "-b", "10M")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIs(netduel.document(self, result)["interrupted"], False)


if __name__ == "__main__":
    netduel.main()
