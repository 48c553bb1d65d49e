#!/usr/bin/env python3
"""The document of `netduel compare --json`: its schema, and figures that must agree."""

import unittest

import netduel_command as netduel


class Compare(unittest.TestCase):
    """One short comparison of both parts, looked at from all sides."""

    @classmethod
    def setUpClass(cls):
        cls.result = netduel.run("compare", "--json", "--pairs", 2, "-t", "100ms", "--seed", 7)

    def setUp(self):
        self.assertEqual(self.result.returncode, 0, self.result.stderr)
        self.document = netduel.document(self, self.result)

    def test_both_parts_ran_with_as_many_pairs_as_asked(self):
        trials = [(trial["part"], trial["pair"], trial["transport"])
                  for trial in self.document["trials"]]
        self.assertEqual(len(trials), 2 * 2 * 2)
        self.assertEqual(len(set(trials)), len(trials), trials)
        for part in ("full_speed", "paced"):
            for transport in ("udp", "tcp"):
                matching = [trial for trial in trials if trial[::2] == (part, transport)]
                self.assertEqual(len(matching), 2, trials)
                self.assertIsNotNone(self.document["parts"][part][transport])

    def test_messages_arrived_in_every_trial(self):
        for trial in self.document["trials"]:
            self.assertGreater(trial["ledger"]["delivered"], 0, trial)
            self.assertGreater(trial["goodput_bits_per_second"], 0, trial)

    def test_every_ledger_balances(self):
        for name, ledger in netduel.ledgers(self.document):
            with self.subTest(ledger=name):
                self.assertEqual(ledger["offered"], ledger["refused"] + ledger["sent"])
                self.assertLessEqual(ledger["delivered"], ledger["sent"])
                if ledger["lost_in_host"] is None:
                    continue
                missing = ledger["sent"] - ledger["delivered"]
                here, elsewhere = ledger["lost_in_host"], ledger["lost_elsewhere"]
                self.assertLessEqual(here["low"], here["high"])
                self.assertLessEqual(elsewhere["low"], elsewhere["high"])
                self.assertLessEqual(here["low"] + elsewhere["low"], missing)
                self.assertGreaterEqual(here["high"] + elsewhere["high"], missing)

    def test_every_check_of_every_ledger_passed(self):
        for name, ledger in netduel.ledgers(self.document):
            with self.subTest(ledger=name):
                self.assertGreater(len(ledger["checks"]), 0)
                failed = [check for check in ledger["checks"] if not check["passed"]]
                self.assertEqual(failed, [])

    def test_nothing_is_lost_elsewhere_on_loopback(self):
        for name, ledger in netduel.ledgers(self.document):
            with self.subTest(ledger=name):
                if ledger["lost_elsewhere"] is not None:
                    self.assertEqual(ledger["lost_elsewhere"]["low"], 0)

    def test_parts_are_the_sums_of_their_trials(self):
        for name, part in self.document["parts"].items():
            for transport in ("udp", "tcp"):
                trials = [trial["ledger"] for trial in self.document["trials"]
                          if (trial["part"], trial["transport"]) == (name, transport)]
                for key in ("offered", "refused", "sent", "delivered"):
                    with self.subTest(part=name, transport=transport, key=key):
                        self.assertEqual(part[transport]["ledger"][key],
                                         sum(ledger[key] for ledger in trials))

    def test_what_tcp_guarantees_is_null_and_never_a_measured_zero(self):
        for name, part in self.document["parts"].items():
            with self.subTest(part=name):
                ledger = part["tcp"]["ledger"]
                self.assertIs(ledger["guaranteed_by_service"], True)
                for key in ("lost_in_host", "lost_elsewhere", "reordered", "duplicates"):
                    self.assertIsNone(ledger[key], key)
                self.assertIsNone(part["tcp"]["loss_ratio"])
                self.assertIsNone(part["tcp"]["reordered_ratio"])
                self.assertIs(part["udp"]["ledger"]["guaranteed_by_service"], False)
                self.assertIsNotNone(part["udp"]["loss_ratio"])
                self.assertIsNotNone(part["udp"]["ledger"]["lost_in_host"])

    def test_below_six_pairs_there_is_no_interval_and_a_warning_says_so(self):
        for name, part in self.document["parts"].items():
            for transport in ("udp", "tcp"):
                with self.subTest(part=name, transport=transport):
                    goodput = part[transport]["goodput_bits_per_second"]
                    self.assertGreater(goodput["median"], 0)
                    self.assertIsNone(goodput["low"])
                    self.assertIsNone(goodput["high"])
            ratio = self.document["ratios"][name]["goodput"]
            self.assertIsNotNone(ratio["median"])
            self.assertIsNone(ratio["low"])
        self.assertTrue(any("6" in warning["text"] and "pair" in warning["text"]
                            for warning in self.document["warnings"]), self.document["warnings"])

    def test_delays_are_ordered_and_an_arrival_is_no_later_than_its_read(self):
        for name, part in self.document["parts"].items():
            for transport in ("udp", "tcp"):
                with self.subTest(part=name, transport=transport):
                    read = part[transport]["delay_seconds"]
                    arrival = part[transport]["arrival_delay_seconds"]
                    self.assertLess(0, read["p50"])
                    self.assertLessEqual(read["p50"], read["p99"])
                    # Percentiles come from buckets of 1 %, the maximum is exact.
                    self.assertLessEqual(read["p99"], read["max"] * 1.01)
                    self.assertLessEqual(arrival["p50"], read["p50"] * 1.02)
                    self.assertIn(arrival["stamped_by"], ("kernel", "application", "mixed"))

    def test_headers_cost_what_the_rfcs_say(self):
        for part in self.document["parts"].values():
            udp, tcp = part["udp"]["overhead"], part["tcp"]["overhead"]
            self.assertEqual(udp["transport_header_octets"], 8)
            self.assertEqual(tcp["transport_header_octets"], 20 + 12)
            self.assertEqual(udp["ip_header_octets"], 20)
            # 1448 octets of payload in frames of 1514 and 1538 octets on the wire.
            self.assertAlmostEqual(udp["wire_efficiency_ratio"], 1448 / 1514, places=6)
            self.assertAlmostEqual(tcp["wire_efficiency_ratio"], 1448 / 1538, places=6)

    def test_stdout_has_no_escape_codes_and_stderr_is_quiet_in_a_pipe(self):
        self.assertNotIn("\x1b", self.result.stdout)
        self.assertNotIn("\x1b", self.result.stderr)
        self.assertNotIn("\r", self.result.stderr)


class Variations(unittest.TestCase):
    def compare(self, *arguments):
        result = netduel.run("compare", "--json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return netduel.document(self, result)

    def test_with_a_bitrate_only_the_paced_part_runs_at_that_rate(self):
        found = self.compare("--pairs", 1, "-t", "200ms", "-b", "100M")
        self.assertIsNone(found["parts"]["full_speed"])
        self.assertIsNone(found["ratios"]["full_speed"])
        for transport in ("udp", "tcp"):
            goodput = found["parts"]["paced"][transport]["goodput_bits_per_second"]["median"]
            # A busy machine may skip some of it, and counts that; more than was offered can't be.
            self.assertGreater(goodput, 40e6)
            self.assertLess(goodput, 120e6)

    def test_six_pairs_give_an_interval_around_the_median(self):
        found = self.compare("--pairs", 6, "-t", "50ms", "-b", "50M")
        paced = found["parts"]["paced"]
        for figure in (paced["udp"]["goodput_bits_per_second"],
                       paced["tcp"]["goodput_bits_per_second"],
                       found["ratios"]["paced"]["goodput"]):
            self.assertLessEqual(figure["low"], figure["median"])
            self.assertLessEqual(figure["median"], figure["high"])
            self.assertNotEqual(figure["method"], "")

    def test_one_transport_alone_leaves_the_other_null(self):
        for one, other in (("udp", "tcp"), ("tcp", "udp")):
            with self.subTest(transport=one):
                found = self.compare("--pairs", 1, "-t", "50ms", "-b", "50M", "--transport", one)
                self.assertIsNotNone(found["parts"]["paced"][one])
                self.assertIsNone(found["parts"]["paced"].get(other))
                self.assertEqual({trial["transport"] for trial in found["trials"]}, {one})

    def test_ipv6_and_other_lengths_work(self):
        for arguments in (["-6"], ["-4", "-l", "16"], ["-l", "8K"], ["-l", "65507"],
                          ["--nagle"], ["-C", "reno"], ["--no-offload"]):
            with self.subTest(arguments=" ".join(arguments)):
                found = self.compare("--pairs", 1, "-t", "100ms", "-b", "20M", *arguments)
                for name, ledger in netduel.ledgers(found):
                    self.assertGreater(ledger["delivered"], 0, name)

    def test_short_messages_at_full_speed_are_all_accounted_for(self):
        found = self.compare("--pairs", 1, "-t", "200ms", "-l", "64")
        for name, ledger in netduel.ledgers(found):
            with self.subTest(ledger=name):
                self.assertEqual(ledger["offered"], ledger["refused"] + ledger["sent"])
                self.assertEqual([c for c in ledger["checks"] if not c["passed"]], [])


if __name__ == "__main__":
    netduel.main()
