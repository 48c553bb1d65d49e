#!/usr/bin/env python3
"""The command of a build that asks the system for no more than POSIX (NETDUEL_PORTABLE)."""

import unittest

import netduel_command as netduel

QUICK = ("--pairs", "1", "--time", "100ms", "--seed", "1")


class WithoutLinux(unittest.TestCase):
    def test_a_comparison_accounts_for_every_message(self):
        result = netduel.run("compare", *QUICK, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result)
        for name, ledger in netduel.ledgers(found):
            with self.subTest(name):
                self.assertGreater(ledger["delivered"], 0)
                self.assertEqual([c for c in ledger["checks"] if not c["passed"]], [])

    def test_what_it_cannot_tell_is_absent(self):
        found = netduel.document(self, netduel.run("compare", *QUICK, "--json"))
        self.assertIsNone(found["host"]["receive_buffer_limit_octets"])
        for trial in found["trials"]:
            self.assertEqual(trial["arrival_delay_seconds"]["stamped_by"], "application")
            if trial["transport"] == "tcp":
                self.assertIsNone(trial["retransmitted_segments"])
                self.assertIsNone(trial["congestion"])

    def test_losses_in_a_small_receive_buffer_fail_no_check(self):
        result = netduel.run("compare", *QUICK, "--window", "4K", "--transport", "udp", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        for _, ledger in netduel.ledgers(netduel.document(self, result)):
            names = [check["name"] for check in ledger["checks"]]
            # Without the socket's drops it could not fail, and so it is not made.
            self.assertNotIn("nothing_lost_elsewhere_on_loopback", names)
            self.assertEqual([c for c in ledger["checks"] if not c["passed"]], [])

    def test_an_emulated_path_is_refused_in_one_line_that_says_what_works(self):
        for arguments in (("lab", "--", "true"), ("compare", "--loss", "1%")):
            with self.subTest(arguments):
                result = netduel.run(*arguments)
                self.assertEqual((result.returncode, result.stdout), (1, ""))
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn("Linux", result.stderr)
                self.assertIn("netduel compare", result.stderr)

    def test_a_refused_path_is_in_the_document_too(self):
        result = netduel.run("compare", "--loss", "1%", "--json")
        self.assertEqual(result.returncode, 1)
        found = netduel.document(self, result)
        self.assertEqual(found["trials"], [])
        self.assertIn("Linux", found["error"])

    def test_a_selftest_says_what_it_could_not_check_and_fails_nothing(self):
        result = netduel.run("selftest", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        checks = {check["id"]: check for check in netduel.document(self, result)["checks"]}
        for name, why in (("ledger_ipv4", "Linux"), ("lab_delay", "Linux"), ("offload", "UDP_SEGMENT"),
                          ("overflow_without_gro", "drops"), ("stamping", "stamp")):
            self.assertEqual(checks[name]["status"], "not_verified", checks[name])
            self.assertIn(why, checks[name]["because"])
        self.assertEqual(checks["clock"]["status"], "verified", checks["clock"])

    def test_a_congestion_control_is_refused_by_name(self):
        result = netduel.run("compare", *QUICK, "--congestion", "reno")
        self.assertEqual(result.returncode, 1)
        self.assertIn("'reno'", result.stderr)

    def test_what_sends_nothing_works_as_anywhere(self):
        result = netduel.run("overhead", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        netduel.document(self, result, schema=False)


if __name__ == "__main__":
    netduel.main()
