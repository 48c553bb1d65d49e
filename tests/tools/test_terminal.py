#!/usr/bin/env python3
"""Colour and progress are for terminals; pipes and NO_COLOR get plain text."""

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import unittest

import netduel_command as netduel

QUICK = ("compare", "--pairs", "1", "-t", "50ms", "-b", "10M")
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run_on_terminal(*arguments, stdout, stderr, columns=80, **changes):
    """Runs netduel with stdout or stderr, where true, on a terminal as wide as that.

    Returns its status, what the terminal showed, and what the pipes carried.
    """
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [netduel.COMMAND, *arguments], stdin=subprocess.DEVNULL, text=True,
        stdout=slave if stdout else subprocess.PIPE, stderr=slave if stderr else subprocess.PIPE,
        env=netduel.environment(TERM="xterm", **changes))
    os.close(slave)
    shown = b""
    while True:
        try:
            piece = os.read(master, 65536)
        except OSError:  # Linux says so when the last writer has gone.
            break
        if not piece:
            break
        shown += piece
    os.close(master)
    piped = "".join(filter(None, process.communicate(timeout=netduel.TIME_LIMIT)))
    return process.returncode, shown.decode(), piped


class Terminal(unittest.TestCase):
    def test_a_pipe_gets_no_escape_codes_and_no_progress(self):
        result = netduel.run(*QUICK, env=netduel.environment(TERM="xterm"))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("UDP", result.stdout)
        self.assertIn("TCP", result.stdout)
        self.assertNotIn("\x1b", result.stdout)
        self.assertNotIn("\r", result.stdout)
        self.assertEqual(result.stderr, "")

    def test_a_terminal_gets_bold_heads_as_codes_and_not_as_words(self):
        status, shown, _ = run_on_terminal(*QUICK, stdout=True, stderr=False)
        self.assertEqual(status, 0, shown)
        self.assertRegex(shown, COLOUR)
        self.assertNotIn("\\x1b", shown)

    def test_no_color_is_respected_on_a_terminal(self):
        status, shown, _ = run_on_terminal(*QUICK, stdout=True, stderr=True, NO_COLOR="1")
        self.assertEqual(status, 0, shown)
        self.assertIn("UDP", shown)
        self.assertIsNone(COLOUR.search(shown), shown)

    def test_progress_goes_to_a_terminal_on_stderr_and_leaves_stdout_clean(self):
        status, shown, piped = run_on_terminal(*QUICK, "--json", stdout=False, stderr=True)
        self.assertEqual(status, 0, shown)
        self.assertNotEqual(shown, "")
        result = subprocess.CompletedProcess(QUICK, status, piped, shown)
        netduel.document(self, result)

    def test_live_bars_fit_a_narrow_terminal(self):
        probe = netduel.run("lab", "--", "true")
        if probe.returncode != 0 and not os.environ.get("CI"):
            self.skipTest(probe.stderr.strip())
        status, shown, _ = run_on_terminal("fairness", "--bottleneck", "20M", "-t", "200ms",
                                           stdout=False, stderr=True, columns=40)
        self.assertEqual(status, 0, shown)
        lines = re.sub(r"\x1b\[\d*[A-Z]", "", shown).splitlines()
        bars = [line for line in lines if "█" in line]
        self.assertTrue(any(line.endswith("bit/s") for line in bars), shown)
        self.assertLessEqual(max(map(len, bars)), 40)

    def test_closed_or_full_streams_end_in_a_status_and_not_in_a_crash(self):
        wrong = f"{netduel.COMMAND} compare -l 0"
        quick = " ".join((netduel.COMMAND, *QUICK))
        for command, status in ((f"{wrong} 2>&-", 2), (f"{wrong} 2>/dev/full", 2),
                                (f"{quick} >&- 2>&-", 1), (f"{quick} >/dev/full", 1),
                                (f"{netduel.COMMAND} >/dev/full", 1)):
            with self.subTest(command=command):
                result = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL,
                                        capture_output=True, text=True,
                                        timeout=netduel.TIME_LIMIT)
                self.assertEqual(result.returncode, status, result.stderr)


if __name__ == "__main__":
    netduel.main()
