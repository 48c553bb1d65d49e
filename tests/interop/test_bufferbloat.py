#!/usr/bin/env python3
"""netduel bufferbloat HOST with Debian's iperf3 there, which answers no probes."""

import json
import subprocess
import unittest

import jsonschema

import peers

SCHEMA = json.loads((peers.PROJECT / "docs/results.schema.json").read_text())


class WithStock(unittest.TestCase):
    def test_what_nobody_can_tell_is_absent_and_the_rest_is_the_kernels(self):
        with peers.stock_server() as server:
            result = subprocess.run(
                [peers.NETDUEL, "bufferbloat", "127.0.0.1", "-p", str(server.port), "-t", "500ms",
                 "--direction", "up", "-b", "10M", "--json"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=peers.TIME_LIMIT)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = json.loads(result.stdout)
        jsonschema.Draft202012Validator(SCHEMA).validate(found)
        idle, tcp, udp, after = found["phases"]
        for phase in (idle, tcp, after):
            self.assertEqual((phase["rtt_by"], phase["probes"]), ("tcp_info", None))
            self.assertGreater(phase["round_trip_seconds"]["p50"], 0)
        for key in ("rtt_by", "round_trip_seconds", "probes", "added_seconds", "buffer_octets"):
            self.assertIsNone(udp[key], key)
        for phase in (tcp, udp):
            self.assertGreater(phase["load"]["goodput_bits_per_second"], 0)
        self.assertIs(found["plan"]["server"]["is_netduel"], False)
        self.assertIn("server_is_not_netduel", [one["id"] for one in found["warnings"]])


if __name__ == "__main__":
    peers.main()
