#!/usr/bin/env python3
"""The command in networks that lack something, each made in a namespace of its own."""

import unittest

import netduel_command as netduel

WITHOUT_IPV6 = """
for which in all default lo; do
  file=/proc/sys/net/ipv6/conf/$which/disable_ipv6
  [ ! -e $file ] || echo 1 >$file
done"""

# Room for the super-packets of a burst, and a rate well below what is offered.
WITH_A_BOTTLENECK = "tc qdisc add dev lo root tbf rate 100mbit burst 64kb limit 64kb"


class WithoutIpv6(unittest.TestCase):
    def test_asking_for_ipv6_is_one_line_and_status_1(self):
        for more in (["--transport", "udp"], ["--transport", "tcp"], []):
            with self.subTest(more=more):
                result = netduel.run_in_namespace(
                    WITHOUT_IPV6, "compare", "-6", "--pairs", 1, "-t", "100ms", *more)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertRegex(result.stderr, r"IPv6|::1")

    def test_ipv4_goes_on_as_ever(self):
        result = netduel.run_in_namespace(
            WITHOUT_IPV6, "compare", "--json", "--pairs", 1, "-t", "50ms", "-b", "10M")
        self.assertEqual(result.returncode, 0, result.stderr)
        netduel.document(self, result)


class BehindABottleneck(unittest.TestCase):
    def test_what_our_own_queueing_discipline_drops_is_refused_and_not_lost(self):
        for more in ([], ["--no-offload"]):
            with self.subTest(more=more):
                result = netduel.run_in_namespace(
                    WITH_A_BOTTLENECK, "compare", "--json", "--transport", "udp", "--pairs", 1,
                    "-t", "300ms", "-b", "500M", *more)
                self.assertEqual(result.returncode, 0, result.stderr)
                found = netduel.document(self, result)
                for name, ledger in netduel.ledgers(found):
                    self.assertGreater(ledger["refused"], 0, name)
                    self.assertEqual(ledger["offered"], ledger["refused"] + ledger["sent"])
                    self.assertEqual(ledger["lost_elsewhere"], {"low": 0, "high": 0}, name)

    def test_tcp_comes_through_whole(self):
        result = netduel.run_in_namespace(
            WITH_A_BOTTLENECK, "compare", "--json", "--transport", "tcp", "--pairs", 1,
            "-t", "300ms", "-b", "20M")
        self.assertEqual(result.returncode, 0, result.stderr)
        for name, ledger in netduel.ledgers(netduel.document(self, result)):
            self.assertEqual(ledger["delivered"], ledger["sent"], name)


if __name__ == "__main__":
    netduel.main()
