#!/usr/bin/env python3
"""netduel as the client of Debian's iperf3."""

import json
import subprocess
import unittest

import peers


class StockServers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = peers.stock_server()
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def run_netduel(self, *options, host="127.0.0.1"):
        return peers.run_client(self, "netduel", self.server, *options, host=host)

    def run_to_each_end(self, *options):
        """At the same time, each with a server of its own: a stock one serves one test at a time."""
        def run(host, streams):
            with peers.stock_server() as server:
                return peers.run_client(self, "netduel", server, "-P", streams, *options, host=host)

        return peers.at_once(run, peers.ENDS)

    def test_tcp(self):
        for way in peers.WAYS:
            # A rate that a stock server keeps up with, so that all is read.
            results = self.run_to_each_end("-t", 1, "-b", "100M", *way)
            for ends, found in zip(peers.ENDS, results):
                with self.subTest(ends=ends, way=way):
                    end = found.result()["end"]
                    self.assertGreater(end["sum_received"]["bytes"], 0)
                    if not way:
                        self.assertEqual(end["sum_sent"]["bytes"], end["sum_received"]["bytes"])

    def test_udp(self):
        # One after the other: what is under way when time is up counts as lost on a busy machine.
        for host, streams in peers.ENDS:
            for way in peers.WAYS:
                with self.subTest(host=host, streams=streams, way=way):
                    document = self.run_netduel("-u", "-b", "4M", "-l", 1000, "-t", 1, "-P",
                                                streams, *way, host=host)
                    total = document["end"]["sum"]
                    self.assertGreater(total["packets"], 0)
                    self.assertEqual(total["lost_packets"], 0)

    def test_octets_and_blocks(self):
        for options, octets in ((["-n", "5M"], 5 << 20), (["-k", 50], 50 * 131072)):
            with self.subTest(options=options):
                end = self.run_netduel("-b", "400M", *options)["end"]
                self.assertEqual(end["sum_sent"]["bytes"], octets)
                self.assertEqual(end["sum_received"]["bytes"], octets)
        end = self.run_netduel("-u", "-b", "50M", "-l", 1000, "-k", 500)["end"]
        self.assertEqual(end["sum"]["packets"], 500)
        self.assertEqual(end["sum_received"]["bytes"], 500_000)

    def test_options_of_tcp(self):
        for options in (["-w", "64K"], ["-l", "8K"], ["-M", 1000], ["-C", "reno"], ["-Z"], ["-N"],
                        ["-O", 1, "-b", "20M", "-t", 1]):
            with self.subTest(options=options):
                limit = [] if "-t" in options else ["-n", "2M", "-b", "100M"]
                end = self.run_netduel(*limit, *options)["end"]
                self.assertGreater(end["sum_received"]["bytes"], 0)

    def test_counters_of_64_bits(self):
        total = self.run_netduel("-u", "--udp-counters-64bit", "-b", "4M", "-l", 1000, "-t",
                                 1)["end"]["sum"]
        self.assertEqual(total["lost_packets"], 0)

    def test_the_rate_that_the_peer_keeps_up_with(self):
        for way in ([], ["-R"]):
            with self.subTest(way=way):
                document = self.run_netduel("-u", "-b", "max-lossless", "-t", "0.2", *way)
                search = document["netduel"]["search"]
                self.assertGreater(len(search["trials"]), 3)
                self.assertTrue(any(trial["lossless"] for trial in search["trials"]))
                # Where iperf3 receives nobody knows where it lost.
                for trial in search["trials"]:
                    self.assertEqual(trial["lost_in_host"] is None, not way)
                if search["confirmed"]:
                    self.assertEqual(document["end"]["sum"]["lost_packets"], 0)

    def test_the_servers_own_output(self):
        document = self.run_netduel("-t", 1, "-b", "10M", "--get-server-output")
        self.assertTrue(document.get("server_output_json") or document.get("server_output_text"))

    def test_the_peer_is_told_to_be_stock(self):
        document = self.run_netduel("-t", 1, "-b", "10M")
        self.assertIs(document["netduel"]["peer_is_netduel"], False)

    def test_what_takes_netduel_at_the_other_end_is_refused_in_one_line(self):
        for options in (["--verify"], ["-u", "--verify"], ["-u", "-R", "--no-udp-checksum"]):
            with self.subTest(options=options):
                result = subprocess.run(
                    peers.command("netduel", self.server, "-b", "1M", "-t", 1, *options),
                    stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
                self.assertEqual(result.returncode, 1)
                self.assertEqual(result.stderr, f"netduel: {json.loads(result.stdout)['error']}\n")
                self.assertIn("needs netduel at the other end", result.stderr)

    def test_what_we_send_may_lack_its_checksum(self):
        end = self.run_netduel("-u", "--no-udp-checksum", "-b", "4M", "-l", 1000, "-t", 1)["end"]
        total = end["sum"]
        self.assertGreater(total["packets"], 0)
        self.assertEqual(total["lost_packets"], 0)


if __name__ == "__main__":
    peers.main()
