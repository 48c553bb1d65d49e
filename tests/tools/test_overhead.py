#!/usr/bin/env python3
"""`netduel overhead` against sums made by hand: headers, framing and fragments of Ethernet."""

import unittest

import netduel_command as netduel

# Arguments, transport, payload, and what it costs: wire octets, packets.
# A frame carries 38 octets beside the IP packet: preamble 8, header 14, check 4, gap 12.
ROWS = [
    (["-l", "1472"], "udp", 1472, 1538, 1),
    (["-l", "1448"], "tcp", 1448, 1538, 1),
    (["-l", "1448"], "udp", 1448, 1514, 1),
    (["-l", "1460", "--no-timestamps"], "tcp", 1460, 1538, 1),
    (["-l", "1452", "-6"], "udp", 1452, 1538, 1),
    (["-l", "1428", "-6"], "tcp", 1428, 1538, 1),
    (["-l", "1472", "--vlan"], "udp", 1472, 1542, 1),
    (["-l", "8972", "--mtu", "9000"], "udp", 8972, 9038, 1),
    (["-l", "8948", "--mtu", "9000"], "tcp", 8948, 9038, 1),
    # 29 octets of IP are padded to the 46 that an Ethernet frame holds at least.
    (["-l", "1"], "udp", 1, 84, 1),
    (["-l", "1473"], "udp", 1473, 1622, 2),
    (["-l", "8192"], "udp", 8192, 8548, 6),
    (["-l", "8K"], "udp", 8192, 8548, 6),
    (["-l", "8192", "-6"], "udp", 8192, 8716, 6),
]


class Overhead(unittest.TestCase):
    def rows(self, *arguments):
        result = netduel.run("overhead", "--json", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result, schema=False)
        self.assertEqual(found["schema"], "netduel/overhead/1")
        return found["rows"]

    def row(self, arguments, transport, payload):
        matching = [row for row in self.rows(*arguments)
                    if (row["transport"], row["payload_octets"]) == (transport, payload)]
        self.assertEqual(len(matching), 1, matching)
        return matching[0]

    def test_a_message_costs_what_the_standards_say(self):
        for arguments, transport, payload, wire, packets in ROWS:
            with self.subTest(arguments=" ".join(arguments), transport=transport):
                row = self.row(arguments, transport, payload)
                self.assertEqual(row["wire_octets"], wire)
                self.assertEqual(row["packets"], packets)
                self.assertAlmostEqual(row["wire_efficiency_ratio"], payload / wire, places=6)
                self.assertIn("6" if "-6" in arguments else "4", str(row["ip_version"]))

    def test_each_length_gives_a_row_for_each_transport(self):
        found = {(row["transport"], row["payload_octets"])
                 for row in self.rows("--length", "64,1448,1472")}
        self.assertEqual(found, {(transport, length) for transport in ("udp", "tcp")
                                 for length in (64, 1448, 1472)})

    def test_the_table_shows_efficiency_and_ceilings(self):
        result = netduel.run("overhead", "-l", "1472,1448")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr, "")
        # UDP with 1472 octets and TCP with 1448 on 10 Gb/s Ethernet.
        self.assertRegex(result.stdout, r"95\.7")
        self.assertRegex(result.stdout, r"94\.1")
        self.assertRegex(result.stdout, r"9\.57")
        self.assertRegex(result.stdout, r"9\.41")
        self.assertNotIn("\x1b", result.stdout)


if __name__ == "__main__":
    netduel.main()
