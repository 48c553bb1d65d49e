#!/usr/bin/env python3
"""`--verify` and `--no-udp-checksum`: what corruption passes whose checksum, against the truth."""

import json
import os
import pathlib
import tempfile
import unittest

import netduel_command as netduel

HEADER = 8
LENGTH = 500


def setUpModule():
    probe = netduel.run("lab", "--", "true")
    if probe.returncode != 0 and not os.environ.get("CI"):
        raise unittest.SkipTest(probe.stderr.strip())


def warned(found):
    return {warning["text"].split(":")[0].split()[0] for warning in found["warnings"]
            if warning["id"] == "corruption_passed_checksums"}


class OverALab(unittest.TestCase):
    def compare(self, *arguments):
        """The document of a comparison whose receivers had room for all, and how many packets of
        each transport's messages the link corrupted."""
        for seed in range(1, 4):
            with tempfile.TemporaryDirectory() as place:
                truth = pathlib.Path(place) / "truth.json"
                result = netduel.run("compare", "--json", "--pairs", 1, "--truth", truth, "--verify",
                                     "--delay", "2ms", "-b", "8M", "-l", LENGTH, "-t", 1,
                                     "--seed", seed, *arguments)
                self.assertEqual(result.returncode, 0, result.stderr)
                found = netduel.document(self, result)
                way = json.loads(truth.read_text())["directions"]["a_to_b"]
            trials = {trial["transport"]: trial for trial in found["trials"]}
            udp = trials["udp"]["ledger"]
            # Truncated ones may be the host's.
            room = udp["lost_in_host"]["high"] <= udp["truncated"]
            if room and way["missed_by_the_lab"] == 0 and way["latest_seconds"] < 0.05:
                return found, trials, {name: way[name]["corrupted"] for name in ("udp", "tcp")}
        self.skipTest("this machine is too busy to emulate a path")

    def check_tcp_kept_its_guarantee(self, trials):
        ledger, integrity = trials["tcp"]["ledger"], trials["tcp"]["integrity"]
        self.assertEqual(ledger["delivered"], ledger["sent"])
        self.assertEqual(integrity["verified"], ledger["sent"])
        self.assertEqual(integrity["corrupted"], 0)
        self.assertTrue(all(check["passed"] for check in ledger["checks"]), ledger)
        self.assertGreater(trials["tcp"]["retransmitted_segments"], 0)

    def test_flipped_bits_are_caught_by_both_checksums(self):
        found, trials, corrupted = self.compare("--corrupt", "2%")
        udp = trials["udp"]
        self.assertGreater(corrupted["udp"], 10)
        self.assertEqual(udp["integrity"]["corrupted"], 0)
        self.assertEqual(udp["integrity"]["verified"], udp["ledger"]["delivered"])
        self.assertEqual(udp["ledger"]["sent"] - udp["ledger"]["delivered"], corrupted["udp"])
        # A length that was changed is no matter for the checksum any more.
        self.assertTrue(0.8 * corrupted["udp"] <= udp["checksum_errors"] <= corrupted["udp"], udp)
        self.assertGreater(trials["tcp"]["checksum_errors"], 0)
        self.check_tcp_kept_its_guarantee(trials)
        self.assertEqual(warned(found), set())

    def test_without_its_checksum_udp_delivers_them_and_the_check_tells(self):
        found, trials, corrupted = self.compare("--corrupt", "2%", "--no-udp-checksum")
        ledger, integrity = trials["udp"]["ledger"], trials["udp"]["integrity"]
        self.assertIs(found["plan"]["udp_checksum"], False)
        self.assertEqual(trials["udp"]["offload"]["segmentation"], False)
        self.assertEqual(ledger["sent"] - ledger["delivered"], corrupted["udp"])
        self.assertEqual(ledger["corrupted"], integrity["corrupted"])
        self.assertEqual(integrity["bits_flipped"], integrity["corrupted"])
        # Others hit the header: a port, a length, or the checksum that then isn't none.
        in_header = corrupted["udp"] - integrity["corrupted"] - ledger["truncated"]
        self.assertGreaterEqual(in_header, 0)
        self.assertLess(in_header, 5 + corrupted["udp"] * 4 * HEADER / (HEADER + LENGTH))
        self.assertTrue(all(check["passed"] for check in ledger["checks"]), ledger)
        self.check_tcp_kept_its_guarantee(trials)
        self.assertEqual(warned(found), {"UDP"})

    def test_swapped_words_pass_both_checksums_and_the_check_tells(self):
        found, trials, corrupted = self.compare("--corrupt-swap", "2%")
        self.assertGreater(corrupted["udp"], 10)
        udp, tcp = trials["udp"], trials["tcp"]
        self.assertEqual(udp["integrity"]["words_swapped"], corrupted["udp"])
        self.assertEqual(udp["integrity"]["corrupted"], corrupted["udp"])
        self.assertEqual(udp["ledger"]["sent"] - udp["ledger"]["delivered"], corrupted["udp"])
        self.assertTrue(all(check["passed"] for check in udp["ledger"]["checks"]), udp["ledger"])
        # A segment may hold parts of two messages or more, and be one that is sent again.
        ledger, integrity = tcp["ledger"], tcp["integrity"]
        self.assertGreater(integrity["words_swapped"], 0)
        self.assertLessEqual(integrity["corrupted"], 2 * corrupted["tcp"])
        self.assertEqual(ledger["corrupted"], integrity["corrupted"])
        self.assertEqual(ledger["delivered"] + ledger["corrupted"], ledger["sent"])
        failed = [check["name"] for check in ledger["checks"] if not check["passed"]]
        self.assertEqual(failed, ["service_kept_its_guarantee"])
        self.assertEqual(warned(found), {"UDP", "TCP"})
        for part in found["parts"]["paced"].values():
            self.assertGreater(part["integrity"]["corrupted"], 0)

    def test_a_client_verifies_what_either_end_receives(self):
        for more, ends in ((["-u", "--bidir", "--no-udp-checksum", "--corrupt", "3%"], [True, False]),
                           # Only in the middle: the control connection has TCP's checksum alone.
                           (["-R", "--at", "300ms=corrupt-swap:5%", "--at", "800ms=corrupt-swap:0"],
                            [False])):
            with self.subTest(more=more):
                result = netduel.run("client", "-J", "--verify", "-b", "4M", "-l", LENGTH, "-t", 1,
                                     *more)
                self.assertEqual(result.returncode, 0, result.stderr)
                found = netduel.document(self, result)["netduel"]
                self.assertEqual([stream["sender"] for stream in found["streams"]], ends)
                for stream in found["streams"]:
                    self.assertGreater(stream["integrity"]["corrupted"], 0)
                    self.assertEqual(stream["integrity"]["corrupted"],
                                     stream["ledger"]["corrupted"])
                self.assertIn("corruption_passed_checksums",
                              [warning["id"] for warning in found["warnings"]])


class OverLoopback(unittest.TestCase):
    def test_all_that_arrives_is_verified_and_the_text_says_so(self):
        result = netduel.run("compare", "--verify", "--pairs", 1, "-t", "100ms", "-b", "5M", "-J")
        self.assertEqual(result.returncode, 0, result.stderr)
        for trial in netduel.document(self, result)["trials"]:
            self.assertEqual(trial["integrity"]["verified"], trial["ledger"]["delivered"])
            self.assertEqual(trial["integrity"]["corrupted"], 0)
        result = netduel.run("compare", "--verify", "--pairs", 1, "-t", "50ms", "-b", "5M")
        self.assertIn("verified by CRC32C", result.stdout)
        self.assertIn("corrupted, found by our check", result.stdout)
        result = netduel.run("client", "-u", "--verify", "-t", "100ms", "-b", "5M", "-i", 0)
        self.assertRegex(result.stdout, r"\d messages verified by CRC32C, 0 corrupted")

    def test_unasked_nothing_is_said_to_be_verified(self):
        result = netduel.run("compare", "--pairs", 1, "-t", "50ms", "-b", "5M", "-J")
        found = netduel.document(self, result)
        self.assertEqual([trial["integrity"] for trial in found["trials"]], [None, None])
        self.assertIs(found["plan"]["verify"], False)

    def test_what_they_can_not_go_with_is_one_line_and_status_2(self):
        for arguments in (["compare", "--verify", "-l", 19], ["client", "--verify", "-l", 16],
                          ["compare", "--no-udp-checksum", "-6"],
                          ["client", "-u", "--no-udp-checksum", "-6"],
                          ["client", "::1", "-u", "--no-udp-checksum"],
                          ["compare", "--no-udp-checksum", "--transport", "tcp"],
                          ["client", "--no-udp-checksum"], ["client", "--verify", "-Z"],
                          ["client", "--verify", "--skip-rx-copy"],
                          ["client", "--verify", "--repeating-payload"], ["server", "--verify"]):
            with self.subTest(arguments=arguments):
                result = netduel.run(*arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertRegex(result.stderr, "verify|no-udp-checksum")


if __name__ == "__main__":
    netduel.main()
