#!/usr/bin/env python3
"""Whatever a user types wrong gets one line: what was wrong and what would work."""

import re
import unittest

import netduel_command as netduel

# Arguments, what the line must name, and a pattern of the hint beside it.
WRONG = [
    (["compare", "--nonsense"], "--nonsense", r"--help"),
    (["overhead", "--nonsense"], "--nonsense", r"--help"),
    (["--nonsense"], "--nonsense", r"--help|compare"),
    (["compete"], "compete", r"compare|--help"),
    (["compare", "-l", "0"], "0", r"\b16\b"),
    (["compare", "-l", "15"], "15", r"\b16\b"),
    (["compare", "-l", "65508"], "65508", r"65 ?507"),
    (["compare", "-l", "1.5Q"], "1.5Q", r"64K|octets"),
    (["compare", "-l", "-5"], "-5", r"\b16\b|octets"),
    (["compare", "-b", "0"], "0", r"--flood|without -b|full speed|above 0|at least|10M"),
    (["compare", "-b", "-3M"], "-3M", r"10M|above 0|at least"),
    (["compare", "-b", "10X"], "10X", r"10M|bit"),
    (["compare", "-t", "-1"], "-1", r"above 0|500ms|\bs\b|at least|longer"),
    (["compare", "--time=-1"], "-1", r"above 0|500ms|\bs\b|at least|longer"),
    (["compare", "-t", "0"], "0", r"above 0|500ms|\bs\b|at least|longer"),
    (["compare", "-t", "5parsecs"], "5parsecs", r"ms"),
    (["compare", "--pairs", "0"], "0", r"\b1\b|at least"),
    (["compare", "--pairs", "-2"], "-2", r"\b1\b|at least"),
    (["compare", "--pairs", "some"], "some", r"number|10|\b6\b|whole"),
    (["compare", "-w", "lots"], "lots", r"64K|octets"),
    (["compare", "-p", "65536"], "65536", r"65535"),
    (["compare", "--congestion", "wishful"], "wishful", r"\b(cubic|reno|bbr)\b"),
    (["compare", "-C", "wishful"], "wishful", r"\b(cubic|reno|bbr)\b"),
    (["compare", "--transport", "pigeon"], "pigeon", r"udp.*tcp|tcp.*udp"),
    (["compare", "--seed", "weed"], "weed", r"number|whole"),
    (["compare", "-l"], "-l", r"--help|octets|value|needs|requires"),
    (["compare", "-b", ""], "--bitrate", r"10M"),
    (["compare", "--log=", "-R"], "--log=", r"value is missing"),
    (["analyze", "--sent=", "file"], "--sent=", r"value is missing"),
    (["lab", "--serve=", "--", "true"], "--serve=", r"value is missing"),
    (["compare", "-t", ""], "--time", r"500ms"),
    (["compare", "-C", ""], "--congestion", r"\b(cubic|reno|bbr)\b"),
    (["compare", "-b", "2T"], "2T", r"1T"),
    (["compare", "--transport", "udp", "--nagle"], "--nagle", r"TCP"),
    (["compare", "--transport", "udp", "-C", "reno"], "--congestion", r"TCP"),
    (["compare", "--transport", "tcp", "--no-offload"], "--no-offload", r"UDP"),
    (["compare", "host", "overhead"], "overhead", r"--help"),
    (["compare", "-4", "-6"], "-6", r"one"),
    (["overhead", "--mtu", "10"], "10", r"\b68\b"),
    (["overhead", "-6", "--mtu", "1000"], "1000", r"\b1280\b"),
    (["overhead", "--length", "0"], "0", r"\b1\b|at least"),
    (["overhead", "--length", "64,many"], "many", r"64K|octets|1472"),
]


class Usage(unittest.TestCase):
    def test_a_wrong_argument_gives_one_line_with_a_hint_and_status_2(self):
        for arguments, named, hint in WRONG:
            with self.subTest(arguments=" ".join(arguments)):
                result = netduel.run(*arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertTrue(result.stderr.endswith("\n"))
                self.assertIn(named, result.stderr)
                self.assertRegex(result.stderr.replace(named, "", 1), re.compile(hint, re.I))

    def test_wrong_arguments_leave_stdout_empty_under_json_too(self):
        result = netduel.run("compare", "--json", "-l", "15")
        self.assertEqual((result.returncode, result.stdout), (2, ""))

    def test_bare_netduel_names_the_questions_and_their_commands(self):
        result = netduel.run()
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("netduel compare", result.stdout)
        self.assertIn("netduel overhead", result.stdout)
        self.assertIn("?", result.stdout)

    def test_version_is_the_projects(self):
        lists = (netduel.PROJECT / "CMakeLists.txt").read_text()
        version = re.search(r"project\(netduel VERSION ([0-9.]+)", lists).group(1)
        result = netduel.run("--version")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn(version, result.stdout)

    def test_help_lists_every_option_and_shows_examples(self):
        options = {
            "compare": ["--pairs", "-t", "--time", "-b", "--bitrate", "-l", "--length", "-w",
                        "--window", "-4", "-6", "--transport", "--congestion", "-C", "--seed",
                        "--flood", "--no-offload", "--nagle", "-p", "--port", "-J", "--json"],
            "overhead": ["--length", "-l", "--mtu", "-6", "--vlan", "--no-timestamps", "--json"],
        }
        for subcommand, names in options.items():
            result = netduel.run(subcommand, "--help")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(result.stderr, "")
            self.assertRegex(result.stdout, re.compile(r"example", re.I))
            for name in names:
                with self.subTest(subcommand=subcommand, option=name):
                    self.assertRegex(result.stdout, rf"(^|[\s,\[]){re.escape(name)}\b")


if __name__ == "__main__":
    netduel.main()
