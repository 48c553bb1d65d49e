#!/usr/bin/env python3
"""A netduel client and its user's terminal come to no harm, whatever its server says."""

import json
import select
import socket
import subprocess
import unittest

import peers


def words_at_the_end(channel, accept):
    """A whole test of a stock server whose own output is for the terminal."""
    channel.send_state("create_streams")
    with accept() as data:
        data.recv(37, socket.MSG_WAITALL)
        channel.send_state("test_start")
        channel.send_state("test_running")
        octets = 0
        while channel.socket not in select.select([channel.socket, data], [], [])[0]:
            octets += len(data.recv(1 << 20))
        channel.read(1)
    channel.send_state("exchange_results")
    channel.read_json()
    channel.send_json({
        "cpu_util_total": 0, "cpu_util_user": 0, "cpu_util_system": 0,
        "sender_has_retransmits": -1, "congestion_used": peers.COMMANDS,
        "server_output_text": "first line\n" + peers.COMMANDS + "\nlast line\n",
        "streams": [{"id": 1, "bytes": octets, "retransmits": -1, "jitter": 0, "errors": 0,
                     "packets": 0}]})
    channel.send_state("display_results")
    channel.read(1)


def words_at_the_start(channel, accept):
    """A netduel server, by its version, that goes away once all is open."""
    channel.send_state("netduel_terms")
    channel.send_json({"version": "\nforged: a line" + peers.COMMANDS, "udp_payload_octets": 0,
                       "most_bits_per_second": 0, "longest_time_ns": 0})
    channel.send_state("create_streams")
    with accept():
        channel.send_state("test_start")
        channel.send_state("test_running")
        channel.read(1)


def words_that_are_wrong(channel, _):
    """Numbers that are none."""
    channel.send_state("netduel_terms")
    channel.send_json({"version": "0", "most_bits_per_second": peers.COMMANDS})


class HostileServers(unittest.TestCase):
    def run_client(self, serve, *options):
        with peers.FakeServer(serve) as server:
            return subprocess.run(
                [peers.NETDUEL, "client", "127.0.0.1", "-p", str(server.port), "-V", "-t", "0.3",
                 "-b", "10M", "--rcv-timeout", "1s", *options],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                timeout=peers.TIME_LIMIT)

    def check(self, serve):
        result = self.run_client(serve)
        peers.check_harmless(self, result.stdout)
        peers.check_harmless(self, result.stderr)
        self.assertNotIn("\nforged", result.stdout + result.stderr)
        for line in self.run_client(serve, "--json-stream").stdout.splitlines():
            json.loads(line)
        json.loads(self.run_client(serve, "-J").stdout)
        return result

    def test_a_servers_own_output(self):
        result = self.check(words_at_the_end)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn("\nfirst line\n\\x1b]0;owned\\x07", result.stdout)
        self.assertIn("\nlast line\n", result.stdout)

    def test_a_servers_version(self):
        result = self.check(words_at_the_start)
        self.assertIn("The server is netduel \\x0aforged: a line\\x1b]0;owned", result.stdout)

    def test_what_is_no_number(self):
        result = self.check(words_that_are_wrong)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("\n"), 1)


if __name__ == "__main__":
    peers.main()
