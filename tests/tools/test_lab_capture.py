#!/usr/bin/env python3
"""`--pcap`: both sides of the link, by a reader of pcapng and by tcpdump, against the truth."""

import collections
import json
import os
import pathlib
import struct
import subprocess
import tempfile
import unittest

import netduel_command as netduel


def setUpModule():
    probe = netduel.run("lab", "--", "true")
    if probe.returncode != 0 and not os.environ.get("CI"):
        raise unittest.SkipTest(probe.stderr.strip())


def options(octets):
    """Of a pcapng block: pairs of code and value."""
    while len(octets) >= 4:
        code, length = struct.unpack_from("=HH", octets)
        if code == 0:
            return
        yield code, octets[4:4 + length]
        octets = octets[4 + (length + 3) // 4 * 4:]


Packet = collections.namedtuple("Packet", "interface nanoseconds frame comment")


def read_pcapng(octets):
    """The names of the interfaces, and the packets (draft-ietf-opsawg-pcapng)."""
    names, packets = [], []
    at = 0
    while at < len(octets):
        kind, length = struct.unpack_from("=II", octets, at)
        assert length % 4 == 0 and struct.unpack_from("=I", octets, at + length - 4)[0] == length
        body = octets[at + 8:at + length - 4]
        at += length
        if kind == 0x0A0D0D0A:
            assert struct.unpack_from("=I", body)[0] == 0x1A2B3C4D
        elif kind == 1:
            found = dict(options(body[8:]))
            assert found[9] == b"\x09"  # Stamps are in nanoseconds.
            names.append(found[2].decode())
        elif kind == 6:
            interface, high, low, captured, original = struct.unpack_from("=IIIII", body)
            assert captured == original
            rest = body[20 + (captured + 3) // 4 * 4:]
            packets.append(Packet(names[interface], high << 32 | low, body[20:20 + captured],
                                  dict(options(rest))[1].decode()))
    return names, packets


class Capture(unittest.TestCase):
    def capture(self, *arguments):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.file, truth = (pathlib.Path(place.name) / name for name in ("pcapng", "truth"))
        result = netduel.run("compare", "--json", "--pairs", 1, "-t", "300ms", "--pcap", self.file,
                             "--truth", truth, *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        return json.loads(truth.read_text())["directions"]

    def test_it_has_what_the_truth_counts(self):
        # Of several impairments at once, and none at all, where super-packets pass whole.
        for impairments in (["--loss", "5%", "--duplicate", "5%", "--reorder", "2%", "--delay",
                             "3ms"], ["--lab"]):
            with self.subTest(impairments=impairments):
                directions = self.capture("-b", "10M", "-l", 600, *impairments)
                names, packets = read_pcapng(self.file.read_bytes())
                self.assertEqual(names, ["a", "b"])
                for way, name, here, there in (("a_to_b", "a to b", "a", "b"),
                                               ("b_to_a", "b to a", "b", "a")):
                    counts = directions[way]["all"]
                    mine = [packet for packet in packets if packet.comment.startswith(name)]
                    out = [packet for packet in mine if ": left" in packet.comment]
                    came = [packet for packet in mine if ": left" not in packet.comment]
                    self.assertEqual(len(came), counts["packets_in"])
                    self.assertEqual(len(out), counts["forwarded"])
                    self.assertEqual({packet.interface for packet in came}, {here})
                    self.assertEqual({packet.interface for packet in out}, {there})
                    for word, key in ((": lost", counts["dropped"]["loss"]),
                                      ("is duplicated", counts["duplicated"]),
                                      (", reordered", counts["reordered"])):
                        told = sum(word in packet.comment for packet in mine)
                        self.assertEqual(told, key, word)
                self.assertGreater(directions["a_to_b"]["udp"]["packets_in"], 100)

    def test_each_packet_of_a_flow_is_numbered(self):
        directions = self.capture("-b", "20M", "-l", 1400, "--lab")
        _, packets = read_pcapng(self.file.read_bytes())
        for protocol in ("udp", "tcp"):
            start = f"a to b, {protocol} flow 0, packet "
            numbers = [int(packet.comment[len(start):].split(":")[0]) for packet in packets
                       if packet.comment.startswith(start) and packet.interface == "a"]
            count = next(flow for flow in directions["a_to_b"]["flows"] if flow["ordinal"] == 0
                         and flow["protocol"] == protocol)["packets_in"]
            self.assertEqual(numbers, list(range(1, count + 1)))

    def test_tcpdump_finds_every_checksum_right(self):
        for version in ("-4", "-6"):
            for impairments in (["--lab"], ["--loss", "1%"]):
                with self.subTest(version=version, impairments=impairments):
                    directions = self.capture("-b", "20M", version, *impairments)
                    shown = subprocess.run(["tcpdump", "-n", "-vv", "-r", self.file],
                                           capture_output=True, text=True, check=True).stdout
                    for protocol, right in (("udp", "udp sum ok"), ("tcp", "(correct)")):
                        count = sum(directions[way][protocol][key] for way in directions
                                    for key in ("packets_in", "forwarded"))
                        self.assertGreater(count, 0)
                        self.assertEqual(shown.count(right), count)
                    self.assertNotIn("incorrect", shown)
                    self.assertNotIn("bad udp cksum", shown)


if __name__ == "__main__":
    netduel.main()
