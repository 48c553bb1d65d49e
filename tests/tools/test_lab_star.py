#!/usr/bin/env python3
"""`netduel lab --hosts`: programs that are not ours on many hosts around a switch."""

import json
import pathlib
import sys
import tempfile
import unittest

import netduel_command as netduel

MESSAGES = 200
# Joins a group unless its host is h3, and says in the end how many messages came from a.
RECEIVER = f"""
import os, socket, struct, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
s.bind(("", 5001))
if os.environ["NETDUEL_HOST"] != "h3":
    s.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP,
                 socket.inet_aton("239.1.1.1") + socket.inet_aton("0.0.0.0"))
count = 0
while (got := s.recvfrom(100))[0] != b"end":
    count += got[1][0] == "10.77.0.1"
print("got", count, socket.gethostname(), os.environ["NETDUEL_HOST_NUMBER"], flush=True)
s.sendto(b"seen", got[1])
"""
# Says the end to each by unicast, until it has answered.
SENDER = f"""
import os, socket, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
for n in range({MESSAGES}):
    s.sendto(b"message", ("239.1.1.1", 5001))
    time.sleep(0.0002)
time.sleep(0.1)
s.settimeout(0.2)
for host in ("h1", "h2", "h3", "h4"):
    for n in range(20):
        s.sendto(b"end", (socket.gethostbyname(host), 5001))
        try:
            s.recv(10)
            break
        except TimeoutError:
            pass
print(os.environ["NETDUEL_HOST"], os.environ["NETDUEL_HOST_NUMBER"])
"""
REFUSED = [
    (["--hosts", "0"], "--hosts 0: 1 to 250 hosts beside a"),
    (["--hosts", "251"], "--hosts 251"),
    (["--port", "3:loss=5%"], "--port 3:loss=5%: a path between two hosts has no ports"),
    (["--hosts", "4", "--port", "5:loss=5%"], "--port 5:loss=5%: there are hosts 1 to 4, and a"),
    (["--hosts", "4", "--port", "x:loss=5%"], "--port x:loss=5%: a port and its impairments"),
    (["--hosts", "4", "--port", "3"], "--port 3: impairments and their values"),
    (["--hosts", "4", "--port", "3-2:loss=5%"], "--port 3-2:loss=5%: a range begins"),
    (["--hosts", "4", "--port", "3:los=5%"], "--port 3:los: there is no such impairment"),
    (["--hosts", "4", "--port", "3:up-loss=5x"], "--port 3:up-loss 5x: "),
    (["--hosts", "4", "--port", "2:loss=1%,dely=3ms"], "--port 2:dely: there is no such"),
    (["--hosts", "4", "--port", "2:jitter=3ms"], "--port 2:jitter: a packet can't arrive before"),
    (["--hosts", "4", "--port", "2:impair-arp=1"], "impair-arp takes no value"),
]


class Star(unittest.TestCase):
    def test_each_host_gets_what_its_link_lets_through_and_only_what_it_has_joined(self):
        with tempfile.TemporaryDirectory() as place:
            directory = pathlib.Path(place)
            (directory / "receive.py").write_text(RECEIVER)
            (directory / "send.py").write_text(SENDER)
            result = netduel.run_in_namespace(
                "", "lab", "--hosts", 4, "--seed", 5, "--delay", "1ms",
                "--port", "1-2:down-loss=burst:10%,3,up-delay=2ms", "--port", "a:up-loss=packets:101-120",
                "--truth", directory / "truth", "--pcap", directory / "pcap",
                "--serve", f"{sys.executable} {directory}/receive.py",
                "--", sys.executable, directory / "send.py")
            self.assertEqual(result.returncode, 0, result.stderr)
            truth = netduel.check(self, json.loads((directory / "truth").read_text()))
            self.assertGreater((directory / "pcap").stat().st_size, MESSAGES * 50)
        self.assertEqual(result.stdout, "a 0\n")
        ports = truth["ports"]
        self.assertEqual([port["host"] for port in ports], ["a", "h1", "h2", "h3", "h4"])
        self.assertEqual(ports[2]["address"], "10.77.0.3")
        self.assertEqual(ports[0]["up"]["udp"]["dropped"]["loss"], 20)
        self.assertEqual(ports[1]["path"]["down"]["loss"]["model"], "gilbert_elliott")
        self.assertEqual(ports[1]["path"]["up"]["delay_seconds"], 0.002)
        self.assertEqual(ports[4]["path"]["up"]["delay_seconds"], 0.001)
        for port in ports[1:]:
            group = [flow for flow in port["down"]["flows"]
                     if flow["destination"] == "239.1.1.1:5001"]
            came = group[0]["forwarded"] if group else 0
            with self.subTest(port["host"]):
                self.assertEqual(len(group), 0 if port["host"] == "h3" else 1)
                for flow in group:
                    self.assertEqual(flow["packets_in"], MESSAGES - 20)
                self.assertIn(f"{port['host']}: got {came} {port['host']} {port['port']}\n",
                              result.stderr)
        self.assertIn("link of h4: up ", result.stderr)
        lost = [port["down"]["udp"]["dropped"]["loss"] for port in ports]
        self.assertTrue(lost[1] > 0 and lost[2] > 0 and lost[4] == 0, lost)

    def test_one_of_many_that_fails_is_named(self):
        result = netduel.run_in_namespace(
            "", "lab", "--hosts", 3, "--serve", "[ $NETDUEL_HOST != h2 ] && sleep 9", "--", "true")
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn("the served command on h2 ended with status 1 before it listened",
                      result.stderr)

    def test_what_cannot_be_gets_one_line(self):
        for arguments, text in REFUSED:
            with self.subTest(arguments):
                result = netduel.run("lab", *arguments, "--", "true")
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(text, result.stderr)


if __name__ == "__main__":
    netduel.main()
