#!/usr/bin/env python3
"""`netduel multicast send`: each receiver's figures are right, whoever else sends reports."""

import json
import random
import signal
import socket
import struct
import time
import unittest

import group_stream
import netduel_command as netduel

# Arguments, and what the one line must tell.
WRONG = [
    ([], "GROUP"),
    (["host.example"], "host.example"),
    (["240.1.2.3"], "239.255.255.255"),
    (["0.0.0.0"], "239.255.255.255"),
    (["239.1.2.3:0"], "65535"),
    (["239.1.2.3,10.0.0.1"], "alone"),
    (["127.0.0.1,::1"], "version"),
    (["127.0.0.1,127.0.0.1"], "once"),
    (["ff02::1234"], "--interface"),
    (["ff00::1234"], "scope"),
    (["239.1.2.3", "--interface", "nosuch0"], "nosuch0"),
    (["239.1.2.3", "--ttl", "256"], "255"),
    (["127.0.0.1", "--ttl", "0"], "255"),
    (["127.0.0.1", "--loopback", "off"], "--loopback"),
    (["239.1.2.3", "--loopback", "perhaps"], "on or off"),
    (["239.1.2.3", "-b", "100", "-t", "1"], "--bitrate"),
    (["239.1.2.3", "-b", "0", "--schedule", "poisson"], "--schedule"),
    (["239.1.2.3", "-t", "1", "-k", "5"], "-k"),
    (["239.1.2.3", "-l", "10"], "--length"),
    (["239.1.2.3", "--verify", "-l", "18"], "--length"),
    (["239.1.2.3", "--lead", "2m"], "--lead"),
    (["239.1.2.3", "--format", "wishful"], "--format"),
    (["239.1.2.3", "--format", "iperf2", "--verify"], "--verify"),
    (["239.1.2.3", "--format", "iperf2", "--lead", "1s"], "--lead"),
    (["239.1.2.3", "--format", "iperf2", "-l", "16"], "20 octets"),
    (["239.1.2.3", "--format", "iperf2", "-k", "1"], "--blockcount"),
]

ANNOUNCEMENT, REPORT = 1, 3


def short(number):
    octets = b""
    while number >= 0x80:
        octets += bytes([number & 0x7F | 0x80])
        number >>= 7
    return octets + bytes([number])


def report(stream, receiver, number, expected, unique):
    body = struct.pack(">QQ", stream, receiver) + short(number) + bytes(3)
    body += b"\x06forged" + bytes(1) + short(expected) + short(unique) + bytes(6)
    body += bytes(5) + short(2 * 10**9)
    return group_stream.sealed(REPORT, body)


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def member(group, port):
    """A socket that gets what is sent to a group of this host."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((group, port))
    listener.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                        socket.inet_aton(group) + socket.inet_aton("127.0.0.1"))
    listener.settimeout(10)
    return listener


class Usage(unittest.TestCase):
    def test_a_wrong_call_is_one_line_and_status_2(self):
        for arguments, named in WRONG:
            with self.subTest(arguments=arguments):
                result = netduel.run("multicast", "send", *arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(named, result.stderr)
                self.assertEqual(result.stdout, "")


class Sending(unittest.TestCase):
    def setUp(self):
        self.group = f"239.77.{random.randrange(256)}.{random.randrange(1, 255)}"
        self.port = free_port()
        self.to = f"{self.group}:{self.port}"

    def start(self, what, *arguments):
        process = netduel.start("multicast", what, self.to, "--interface", "lo", *arguments)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def document(self, process, status=0):
        stdout, stderr = process.communicate(timeout=30)
        self.assertEqual(process.returncode, status, stderr)
        return netduel.check(self, json.loads(stdout))

    def test_each_receiver_is_seen_as_it_sees_itself(self):
        receiving = self.start("receive", "--receivers", "3", "--json")
        sending = self.start("send", "-t", "700ms", "-b", "2M", "-l", "200", "--verify", "--json")
        sent = self.document(sending)
        received = json.loads(receiving.communicate(timeout=30)[0])
        self.assertEqual(len(sent["receivers"]), 3)
        for told in sent["receivers"]:
            own = next(one for one in received["receivers"] if one["id"] == told["id"])
            stream = own["streams"][0]
            self.assertEqual(stream["id"], sent["stream"]["id"])
            self.assertEqual(told["state"], "finished")
            self.assertEqual(told["ledger"]["sent"], sent["sender"]["sent"])
            for key in ("sent", "delivered", "lost_in_host", "lost_elsewhere", "duplicates"):
                self.assertEqual(told["ledger"][key], stream["ledger"][key], key)
            if told["counted_from"] == 0:
                self.assertFalse(told["came_late"])
        self.assertLess(sent["feedback"]["share"], 0.05)
        self.assertEqual(sent["feedback"]["not_believed"]["contradictory"], 0)

    def test_an_interrupted_stream_is_closed_and_told(self):
        receiving = self.start("receive", "--json")
        sending = self.start("send", "-t", "0", "-b", "1M", "--json")
        with member(self.group, self.port) as listener:
            while listener.recv(2000).startswith(group_stream.MAGIC):
                pass
        time.sleep(0.2)
        sending.send_signal(signal.SIGINT)
        sent = self.document(sending, 130)
        self.assertTrue(sent["interrupted"])
        self.assertIsNone(sent["plan"]["time_seconds"])
        self.assertEqual(sent["receivers"][0]["state"], "finished")
        received = json.loads(receiving.communicate(timeout=30)[0])
        self.assertTrue(received["receivers"][0]["streams"][0]["closed"])
        self.assertEqual(received["receivers"][0]["streams"][0]["ledger"]["sent"],
                         sent["sender"]["sent"])

    def test_forged_reports_are_counted_and_never_believed(self):
        self.start("receive", "--json")
        with member(self.group, self.port) as listener:
            sending = self.start("send", "-t", "1500ms", "-b", "2M", "-l", "500", "--json")
            while True:
                announced, control = listener.recvfrom(2000)
                if announced[:9] == group_stream.MAGIC + bytes([ANNOUNCEMENT]):
                    break
            stream, = struct.unpack_from(">Q", announced, 9)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as hostile:
            def send(octets):
                hostile.sendto(octets, control)
                time.sleep(0.0002)
            for length in range(0, 1400, 7):
                send(random.randbytes(length))
            for bit in range(0, 1400, 7):
                whole = bytearray(report(stream, 1, 1, 0, 0))
                whole[bit // 8 % len(whole)] ^= 1 << bit % 8
                send(bytes(whole))
            for number in range(50):
                send(report(stream ^ 1, 1, number + 1, 0, 0))
            for number in range(200):
                send(report(stream, 2, number + 1, 0, 0))
            for number in range(50):
                send(report(stream, 3, number + 1, 10**9, 10**9))
        sent = self.document(sending)
        believed = {one["name"]: one for one in sent["receivers"]}
        self.assertEqual(len(believed), 2, believed.keys())
        self.assertEqual(believed.pop("forged")["state"], "vanished")
        genuine, = believed.values()
        self.assertEqual(genuine["state"], "finished")
        self.assertEqual(genuine["ledger"]["sent"], sent["sender"]["sent"])
        not_believed = sent["feedback"]["not_believed"]
        self.assertGreater(not_believed["foreign"], 300)
        self.assertEqual(not_believed["other_stream"], 50)
        self.assertGreaterEqual(not_believed["contradictory"], 50)
        self.assertGreater(not_believed["too_many"], 100)
        self.assertLess(sent["feedback"]["reports"], 40)
        self.assertIn("feedback_not_believed", [one["id"] for one in sent["warnings"]])


if __name__ == "__main__":
    netduel.main()
