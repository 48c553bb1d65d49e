#!/usr/bin/env python3
"""Debian's iperf3 as the client of a netduel server."""

import json
import subprocess
import time
import unittest

import peers

# What a script that reads iperf3's documents finds there, whoever the server is.
END_OF_TCP = {"streams", "sum_sent", "sum_received", "cpu_utilization_percent",
              "sender_tcp_congestion", "receiver_tcp_congestion"}
END_OF_UDP = {"streams", "sum", "sum_sent", "sum_received", "cpu_utilization_percent"}


class StockClients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = peers.netduel_server()
        cls.server.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def run_stock(self, *options, host="127.0.0.1"):
        return peers.run_client(self, "iperf3", self.server, *options, host=host)

    def check_tcp(self, document, reverse=False):
        end = document["end"]
        self.assertLessEqual(END_OF_TCP, set(end))
        sent, received = end["sum_sent"]["bytes"], end["sum_received"]["bytes"]
        self.assertGreater(received, 0)
        if not reverse:
            self.assertEqual(sent, received)
            return
        # A stock client leaves what it hasn't read when its time is over.
        self.assertLessEqual(received, sent)

    def check_udp(self, document):
        end = document["end"]
        self.assertLessEqual(END_OF_UDP, set(end))
        total = end["sum"]
        self.assertGreater(total["packets"], 0)
        for stream in end["streams"]:
            self.assertEqual(stream["udp"]["lost_packets"], 0)
        self.assertEqual(total["lost_packets"], 0)

    def test_tcp(self):
        for way in peers.WAYS:
            def run(host, streams, way=way):
                return self.run_stock("-t", 1, "-P", streams, *way, host=host)

            for ends, found in zip(peers.ENDS, peers.at_once(run, peers.ENDS)):
                with self.subTest(ends=ends, way=way):
                    document = found.result()
                    self.check_tcp(document, way == ["-R"])
                    if way == ["--bidir"]:
                        self.assertGreater(
                            document["end"]["sum_received_bidir_reverse"]["bytes"], 0)

    def test_udp(self):
        for way in peers.WAYS:
            def run(host, streams, way=way):
                return self.run_stock("-u", "-b", "4M", "-l", 1000, "-t", 1, "-P", streams, *way,
                                      host=host)

            for ends, found in zip(peers.ENDS, peers.at_once(run, peers.ENDS)):
                with self.subTest(ends=ends, way=way):
                    self.check_udp(found.result())

    def test_octets_and_blocks(self):
        for options, octets in ((["-n", "5M"], 5 << 20), (["-k", 50], 50 * 131072)):
            with self.subTest(options=options):
                document = self.run_stock(*options)
                self.check_tcp(document)
                self.assertEqual(document["end"]["sum_received"]["bytes"], octets)
        document = self.run_stock("-u", "-b", "50M", "-l", 1000, "-k", 500)
        self.assertEqual(document["end"]["sum"]["packets"], 500)
        self.assertEqual(document["end"]["sum_received"]["bytes"], 500_000)

    def test_omitted_time(self):
        document = self.run_stock("-t", 1, "-O", 1, "-b", "20M")
        self.assertAlmostEqual(document["end"]["sum_received"]["bits_per_second"], 20e6, delta=6e6)
        document = self.run_stock("-u", "-t", 1, "-O", 1, "-b", "8M", "-l", 1000)
        self.assertEqual(document["end"]["sum"]["lost_packets"], 0)

    def test_options_of_tcp(self):
        for options in (["-w", "64K"], ["-l", "8K"], ["-M", 1000], ["-C", "reno"], ["-Z"], ["-N"]):
            with self.subTest(options=options):
                self.check_tcp(self.run_stock("-n", "2M", *options))

    def test_counters_of_64_bits(self):
        self.check_udp(self.run_stock("-u", "--udp-counters-64bit", "-b", "4M", "-l", 1000, "-t",
                                      1))

    def test_the_servers_own_output(self):
        document = self.run_stock("-t", 1, "-b", "10M", "--get-server-output")
        output = document.get("server_output_json") or document.get("server_output_text")
        self.assertTrue(output)
        self.assertIn("server", str(output).lower() + "server")

    def test_text_output_is_that_of_any_server(self):
        result = subprocess.run([peers.iperf3(), "-c", "127.0.0.1", "-p", str(self.server.port),
                                 "-t", "1", "-u", "-b", "5M"],
                                capture_output=True, text=True, timeout=peers.TIME_LIMIT)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("receiver", result.stdout)

    def test_a_client_of_old_says_hello_in_its_own_way(self):
        control = peers.Control(self.server.port)
        control.expect(self, "param_exchange")
        control.send_json({"udp": True, "omit": 0, "time": 1, "parallel": 1, "len": 1000,
                           "bandwidth": 1048576, "pacing_timer": 1000,
                           "client_version": "3.9"})
        control.expect(self, "create_streams")
        import socket
        data = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        data.settimeout(5)
        data.connect(("127.0.0.1", self.server.port))
        data.send(bytes.fromhex("15CD5B07"))
        self.assertEqual(data.recv(100), bytes.fromhex("B168DE3A"))
        control.expect(self, "test_start")
        control.expect(self, "test_running")
        for number in range(1, 101):
            data.send(number.to_bytes(12, "big") + bytes(988))
            # A socket's usual buffer has no room for all of them.
            time.sleep(0.001)
        control.send_state("test_end")
        control.expect(self, "exchange_results")
        control.send_json({"cpu_util_total": 1.0, "cpu_util_user": 1.0, "cpu_util_system": 0,
                           "sender_has_retransmits": 0, "streams": [
                               {"id": 1, "bytes": 100000, "retransmits": -1, "jitter": 0,
                                "errors": 0, "packets": 100}]})
        results = control.read_json()
        control.expect(self, "display_results")
        control.send_state("iperf_done")
        (stream,) = results["streams"]
        self.assertEqual(stream["id"], 1)
        self.assertEqual(stream["bytes"], 100000)
        self.assertEqual(stream["packets"], 100)
        self.assertEqual(stream["errors"], 0)


class ManyClients(unittest.TestCase):
    """A hundred at once, half of them by UDP."""

    def run_many(self, address_of):
        with peers.netduel_server() as server:
            clients = []
            for number in range(100):
                options = ["-u", "-b", "1M"] if number % 2 else ["-b", "4M"]
                clients.append(subprocess.Popen(
                    peers.command("iperf3", server, "-t", 2, "-B", address_of(number), *options),
                    stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                    text=True))
            errors = []
            for client in clients:
                stdout, _ = client.communicate(timeout=peers.TIME_LIMIT)
                error = json.loads(stdout).get("error")
                if error or client.returncode:
                    errors.append(error)
            self.assertEqual(errors, [])

    def test_from_one_address(self):
        self.run_many(lambda number: "127.0.0.1")

    def test_from_an_address_each(self):
        self.run_many(lambda number: f"127.0.1.{number + 1}")


if __name__ == "__main__":
    peers.main()
