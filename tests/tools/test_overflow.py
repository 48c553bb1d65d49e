#!/usr/bin/env python3
"""A receive buffer that overflows on purpose: what is missing was lost in this host."""

import unittest

import netduel_command as netduel


class Overflow(unittest.TestCase):
    def overflow(self, *more):
        result = netduel.run("compare", "--json", "--transport", "udp", "--pairs", 2, "-t", "300ms",
                             "-w", 4096, "-b", "2G", "-l", 1448, *more)
        self.assertEqual(result.returncode, 0, result.stderr)
        return netduel.document(self, result)

    def test_what_is_missing_was_lost_in_this_host(self):
        for more in ([], ["--no-offload"]):
            found = self.overflow(*more)
            part = found["parts"]["paced"]["udp"]["ledger"]
            self.assertGreater(part["sent"] - part["delivered"], 0, "nothing overflowed")
            for name, ledger in netduel.ledgers(found):
                with self.subTest(ledger=name, more=more):
                    missing = ledger["sent"] - ledger["delivered"]
                    self.assertLessEqual(ledger["lost_in_host"]["low"], missing)
                    self.assertGreaterEqual(ledger["lost_in_host"]["high"], missing)
                    self.assertEqual(ledger["lost_elsewhere"]["low"], 0)
                    self.assertEqual([c for c in ledger["checks"] if not c["passed"]], [])

    def test_it_is_exact_where_each_drop_is_one_message(self):
        for name, ledger in netduel.ledgers(self.overflow("--no-offload")):
            with self.subTest(ledger=name):
                missing = ledger["sent"] - ledger["delivered"]
                self.assertEqual(ledger["lost_in_host"], {"low": missing, "high": missing})
                self.assertEqual(ledger["lost_elsewhere"], {"low": 0, "high": 0})


if __name__ == "__main__":
    netduel.main()
