#!/usr/bin/env python3
"""netduel compare HOST, with netduel's server and with Debian's iperf3 at the other end."""

import json
import signal
import subprocess
import time
import unittest

import jsonschema

import peers

SCHEMA = json.loads((peers.PROJECT / "docs/results.schema.json").read_text())


def compare(server, *options, host="127.0.0.1"):
    return [peers.NETDUEL, "compare", host, "-p", str(server.port), "--json", *map(str, options)]


class Compare(unittest.TestCase):
    def run_compare(self, server, *options, status=0, host="127.0.0.1"):
        result = subprocess.run(compare(server, *options, host=host), stdin=subprocess.DEVNULL,
                                capture_output=True, text=True, timeout=peers.TIME_LIMIT)
        self.assertEqual(result.returncode, status, result.stderr)
        document = json.loads(result.stdout)
        self.check(document)
        return document, result.stderr

    def check(self, document):
        validator = jsonschema.Draft202012Validator(SCHEMA)
        self.assertEqual([f"{error.json_path}: {error.message}"
                          for error in validator.iter_errors(document)], [])

    def check_ledgers(self, document):
        for trial in document["trials"]:
            ledger = trial["ledger"]
            with self.subTest(trial=(trial["part"], trial["transport"])):
                self.assertGreater(ledger["delivered"], 0)
                self.assertEqual(ledger["offered"], ledger["refused"] + ledger["sent"])
                self.assertEqual([check for check in ledger["checks"] if not check["passed"]], [])
                self.assertGreater(trial["goodput_bits_per_second"], 0)

    def check_that_udp_follows(self, document):
        self.assertTrue(document["plan"]["udp_follows_tcp"])
        tcp, udp = document["trials"][:2]
        self.assertEqual((tcp["transport"], udp["transport"]), ("tcp", "udp"))
        self.assertIsNone(tcp["offered_bits_per_second"])
        self.assertAlmostEqual(udp["offered_bits_per_second"], tcp["goodput_bits_per_second"],
                               delta=1e-6 * tcp["goodput_bits_per_second"])


class WithNetduel(Compare):
    @classmethod
    def setUpClass(cls):
        cls.server = peers.netduel_server()
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_tells_all(self):
        for host in ("127.0.0.1", "::1"):
            for way in ([], ["-R"]):
                with self.subTest(host=host, way=way):
                    document, said = self.run_compare(self.server, "--pairs", 1, "-t", "200ms",
                                                      *way, host=host)
                    self.assertEqual(document["plan"]["path"], "server")
                    self.assertTrue(document["plan"]["server"]["is_netduel"])
                    self.assertEqual(document["plan"]["server"]["reverse"], bool(way))
                    self.assertIn("4 trials of 200 ms", said)
                    self.assertEqual(len(document["trials"]), 4)
                    self.check_ledgers(document)
                    self.check_that_udp_follows(document)
                    for trial in document["trials"]:
                        self.assertGreater(trial["delay_seconds"]["p50"], 0)
                        self.assertLess(trial["delay_seconds"]["p50"], 1)
                        self.assertIsNotNone(trial["cpu_seconds_per_gigabyte"]["receiver"])
                        self.assertIsNotNone(trial["cpu_seconds_per_gigabyte"]["sender"])
                        self.assertGreater(trial["setup_seconds"], 0)
                    self.assertIsNotNone(document["ratios"]["paced"]["goodput"]["median"])

    def test_a_rate_leaves_out_the_full_speed_part(self):
        document, said = self.run_compare(self.server, "--pairs", 2, "-t", "200ms", "-b", "10M")
        self.assertIsNone(document["parts"]["full_speed"])
        for trial in document["trials"]:
            self.assertEqual(trial["offered_bits_per_second"], 10e6)
            ledger = trial["ledger"]
            # A busy machine leaves out what it can't send in time.
            self.assertAlmostEqual(ledger["offered"] + ledger["skipped"], 10e6 * 0.2 / 8 / 1448,
                                   delta=2)
        self.assertIn("10 Mbit/s", said)

    def test_tries_all_addresses_of_a_name(self):
        with peers.netduel_server("-4") as server:
            document, _ = self.run_compare(server, "--pairs", 1, "-t", "100ms", "-b", "5M",
                                           host="localhost")
        self.assertEqual(document["plan"]["server"]["host"], "localhost")
        self.assertEqual(document["plan"]["server"]["address"], "127.0.0.1")
        self.assertEqual(document["plan"]["ip_version"], 4)

    def test_udp_alone_does_not_flood(self):
        document, _ = self.run_compare(self.server, "--pairs", 1, "-t", "200ms", "--transport",
                                       "udp")
        self.assertIsNone(document["parts"]["full_speed"])
        self.assertEqual(document["plan"]["paced_bits_per_second"], 10e6)

    def test_floods_when_asked(self):
        document, said = self.run_compare(self.server, "--pairs", 1, "-t", "200ms", "--flood")
        self.assertFalse(document["plan"]["udp_follows_tcp"])
        self.assertIn("UDP as fast as it goes", said)
        self.check_ledgers(document)

    def test_options_reach_both_ends(self):
        document, _ = self.run_compare(self.server, "--pairs", 1, "-t", "200ms", "-b", "10M", "-l",
                                       500, "-w", "32K", "-C", "reno", "--no-offload")
        udp = document["parts"]["paced"]["udp"]
        tcp = document["parts"]["paced"]["tcp"]
        self.assertEqual(udp["receive_buffer"]["asked_octets"], 32768)
        self.assertEqual(udp["send_buffer"]["asked_octets"], 32768)
        self.assertEqual(udp["offload"], {"segmentation": False, "receive": False})
        self.assertEqual(tcp["congestion"], "reno")
        self.assertAlmostEqual(udp["ledger"]["offered"] + udp["ledger"]["skipped"],
                               10e6 * 0.2 / 8 / 500, delta=2)


class WithIperf3(Compare):
    @classmethod
    def setUpClass(cls):
        cls.server = peers.stock_server()
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def test_tells_what_iperf3_can(self):
        for way in ([], ["-R"]):
            with self.subTest(way=way):
                document, said = self.run_compare(self.server, "--pairs", 1, "-t", 1, *way)
                self.assertFalse(document["plan"]["server"]["is_netduel"])
                self.assertIn("server_is_not_netduel", [warning["id"] for warning
                                                        in document["warnings"]])
                self.assertIn("not netduel", said)
                self.check_ledgers(document)
                self.check_that_udp_follows(document)
                for trial in document["trials"]:
                    self.assertIsNone(trial["delay_seconds"]["p50"])
                    ledger = trial["ledger"]
                    if trial["transport"] == "tcp" or way:
                        continue
                    self.assertIsNone(trial["loss_periods"])
                    self.assertIsNone(trial["receive_buffer"])
                    missing = ledger["sent"] - ledger["delivered"]
                    for place in ("lost_in_host", "lost_elsewhere"):
                        self.assertEqual(ledger[place], {"low": 0, "high": missing})
                self.assertIsNone(document["ratios"]["paced"]["delay_p99"]["median"])
                self.assertIn("aren't known", document["ratios"]["paced"]["delay_p99"]["method"])


class Failing(Compare):
    def test_nobody_listens(self):
        result = subprocess.run(
            [peers.NETDUEL, "compare", "127.0.0.1", "-p", str(peers.free_port()), "--json"],
            capture_output=True, text=True, timeout=peers.TIME_LIMIT)
        self.assertEqual(result.returncode, 1)
        document = json.loads(result.stdout)
        self.check(document)
        self.assertIn("Connection refused", document["error"])
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_the_server_dies(self):
        with peers.netduel_server() as server:
            process = subprocess.Popen(compare(server, "-t", "300ms"), stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, text=True)
            time.sleep(3)
            server.process.kill()
            output, said = process.communicate(timeout=peers.TIME_LIMIT)
        self.assertEqual(process.returncode, 1, said)
        document = json.loads(output)
        self.check(document)
        self.assertIn("error", document)
        self.assertGreater(len(document["trials"]), 0)

    def test_is_interrupted(self):
        with peers.netduel_server() as server:
            for moment in (0.1, 0.5, 2.3):
                with self.subTest(moment=moment):
                    process = subprocess.Popen(compare(server, "-t", "500ms"),
                                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                               text=True)
                    time.sleep(moment)
                    process.send_signal(signal.SIGINT)
                    began = time.monotonic()
                    output, said = process.communicate(timeout=peers.TIME_LIMIT)
                    self.assertLess(time.monotonic() - began, 3)
                    self.assertEqual(process.returncode, 130, said)
                    document = json.loads(output)
                    self.check(document)
                    self.assertTrue(document["interrupted"])
                    self.assertNotIn("error", document)

    def test_options_that_need_both_ends_here(self):
        for options, word in ((["host.example", "--loss", "1%"], "HOST"),
                              (["host.example", "--log", "log.csv"], "--log"),
                              (["-R"], "--reverse"), ([""], "HOST"),
                              (["no-such-host.invalid"], "no-such-host.invalid")):
            with self.subTest(options=options):
                result = subprocess.run([peers.NETDUEL, "compare", *options], capture_output=True,
                                        text=True, timeout=peers.TIME_LIMIT)
                self.assertEqual(result.returncode, 1 if "invalid" in word else 2)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
                self.assertIn(word, result.stderr)


if __name__ == "__main__":
    peers.main()
