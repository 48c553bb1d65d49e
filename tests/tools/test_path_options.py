#!/usr/bin/env python3
"""The options of an emulated path, which `compare`, `client` and `lab` share."""

import os
import pathlib
import re
import tempfile
import unittest

import netduel_command as netduel

SHARED = ["--loss", "--duplicate", "--reorder", "--reorder-by", "--corrupt", "--corrupt-swap",
          "--delay", "--jitter", "--jitter-shape", "--jitter-reorders", "--bottleneck", "--queue",
          "--mark", "--impair-arp", "--preset", "--at", "--mtu", "--lab", "--truth", "--pcap"]
PRESETS = ["wifi-poor", "lte", "satellite-geo", "transatlantic", "bufferbloat"]

# Arguments that no path can be made of, what the line must name, and a pattern of the hint.
WRONG = [
    (["--loss", "101%"], "101%", r"0% to 100%"),
    (["--loss", "-1%"], "-1%", r"0% to 100%"),
    (["--loss", "much"], "much", r"0% to 100%"),
    (["--loss", ""], "--loss", r"1%"),
    (["--loss"], "--loss", r"MODEL"),
    (["--up-loss", "2"], "--up-loss", r"0% to 100%"),
    (["--loss", "ge:1%"], "ge:1%", r"ge:P,R"),
    (["--loss", "burst:5%"], "burst:5%", r"LENGTH"),
    (["--loss", "packets:3,2"], "packets:3,2", r"in order"),
    (["--duplicate", "x"], "--duplicate", r"1%"),
    (["--delay", "fast"], "fast", r"20ms"),
    (["--down-delay", "2h"], "--down-delay", r"60s"),
    (["--jitter", "5ms"], "--jitter", r"--delay"),
    (["--delay", "5ms", "--jitter", "5ms", "--jitter-shape", "round"], "round", r"pareto"),
    (["--jitter-reorders"], "--jitter-reorders", r"--jitter"),
    (["--bottleneck", "0"], "--bottleneck", r"1k"),
    (["--bottleneck", "fast"], "fast", r"50M"),
    (["--queue", "10p"], "--queue", r"--bottleneck"),
    (["--bottleneck", "1M", "--queue", "0p"], "0p", r"100p"),
    (["--mark", "10p"], "--mark", r"--bottleneck"),
    (["--reorder-by", "5"], "--reorder-by", r"--reorder 1%"),
    (["--reorder", "1%", "--reorder-by", "0"], "--reorder-by", r"1 to 1000"),
    (["--preset", "dsl"], "dsl", r"lte"),
    (["--at", "2s"], "2s", r"2s=down"),
    (["--at", "soon=down"], "soon=down", r"2s=down"),
    (["--at", "2s=sideways"], "2s=sideways", r"2s=down"),
    (["--at", "2s=loss:200%"], "2s=loss:200%", r"0% to 100%"),
    (["--mtu", "575"], "575", r"\b576\b"),
    (["--mtu", "65536"], "65536", r"\b65535\b"),
    (["--mtu", "many"], "many", r"\b576\b"),
    (["--mtu", ""], "--mtu", r"\b576\b"),
    (["--seed", "weed", "--lab"], "weed", r"whole number"),
    (["--truth", "/nowhere/truth.json"], "/nowhere/truth.json", r"No such file"),
    (["--truth", "/"], "--truth /", r"directory"),
    (["--los", "1%"], "--los", r"--help"),
]


class PathOptions(unittest.TestCase):
    def refused(self, arguments, named, hint, status=2):
        """One line on standard error, nothing on standard output, and that status."""
        result = netduel.run(*arguments)
        self.assertEqual(result.returncode, status, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertTrue(result.stderr.startswith("netduel: "), result.stderr)
        self.assertIn(named, result.stderr)
        self.assertRegex(result.stderr.replace(named, "", 1), re.compile(hint, re.I))

    def test_an_impossible_path_gives_one_line_with_a_hint_and_status_2(self):
        for command in ("compare", "lab"):
            for arguments, named, hint in WRONG:
                with self.subTest(command=command, arguments=" ".join(arguments)):
                    behind = ["--", "true"] if command == "lab" else []
                    self.refused([command, *arguments, *behind], named, hint)

    def test_ipv6_needs_a_larger_mtu(self):
        self.refused(["compare", "-6", "--mtu", "1279"], "1279", r"\b1280\b.*IPv6")

    def test_what_is_wrong_is_said_before_a_file_is_touched(self):
        with tempfile.TemporaryDirectory() as place:
            truth = pathlib.Path(place) / "truth.json"
            self.refused(["compare", "--truth", truth, "--loss", "101%"], "--loss", r"100%")
            self.assertEqual(os.listdir(place), [])

    def test_wrong_paths_leave_stdout_empty_under_json_too(self):
        self.refused(["compare", "--json", "--loss", "101%"], "--loss", r"100%")

    def test_a_command_for_the_lab_comes_behind_two_dashes(self):
        self.refused(["lab", "ping", "b"], "ping", r"comes after --")
        self.refused(["lab", "--loss", "1%", "--"], "--", r"ping -c 5 b")
        self.refused(["lab", "--json", "--", "true"], "--json", r"--help")
        self.refused(["lab", "--serve", "", "--", "true"], "--serve", r"iperf3")

    def test_other_subcommands_have_nothing_behind_two_dashes(self):
        self.refused(["compare", "--", "true"], "--", r"netduel lab")
        self.refused(["overhead", "--", "true"], "--", r"netduel lab")

    def test_overhead_has_no_path(self):
        self.refused(["overhead", "--loss", "1%"], "--loss", r"--help")

    def test_help_tells_of_each_option_once_and_that_there_are_others_by_direction(self):
        for command in ("compare", "client", "lab"):
            with self.subTest(command=command):
                text = netduel.run(command, "--help").stdout
                for option in SHARED:
                    told = re.findall(rf"^  {option}(?: |$)", text, re.M)
                    self.assertEqual(len(told), 1, option)
                self.assertIn("--up-", text)
                self.assertIn("--down-", text)
                self.assertNotRegex(text, r"(?m)^  --(up|down)-")
                for preset in PRESETS:
                    self.assertIn(preset, text)

    def test_bare_netduel_asks_what_only_a_bad_path_answers(self):
        text = netduel.run().stdout
        self.assertRegex(text, r"netduel compare --loss")
        self.assertRegex(text, r"netduel lab .*-- ")

    def test_a_capture_that_cannot_be_written_gives_one_line_before_the_run(self):
        self.refused(["compare", "--pairs", 1, "--pcap", "/nowhere/x.pcapng"], "--pcap",
                     r"cannot be written")

    def test_a_capture_that_cannot_be_written_leaves_the_truth_file_as_it_was(self):
        with tempfile.TemporaryDirectory() as place:
            old, new = (pathlib.Path(place) / name for name in ("old", "new"))
            old.write_text("kept")
            for truth in (old, new):
                self.refused(["lab", "--truth", truth, "--pcap", "/nowhere/x", "--", "true"],
                             "--pcap", r"cannot be written")
            self.assertEqual(old.read_text(), "kept")
            self.assertFalse(new.exists())

    def test_the_truth_and_the_capture_are_two_files(self):
        with tempfile.TemporaryDirectory() as place:
            file = f"{place}/one"
            self.refused(["lab", "--truth", file, "--pcap", f"{place}/./one", "--", "true"],
                         "--pcap", r"name another")
            self.assertFalse(os.path.exists(file))


if __name__ == "__main__":
    netduel.main()
