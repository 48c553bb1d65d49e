#!/usr/bin/env python3
"""A netduel server goes on, and lets go of everything, whatever its clients do."""

import contextlib
import os
import pathlib
import signal
import socket
import struct
import subprocess
import time
import unittest

import peers


class HostileClients(unittest.TestCase):
    def handles(self, server):
        return len(os.listdir(f"/proc/{server.process.pid}/fd"))

    def check_that_it_serves(self, server):
        document = peers.run_client(self, "iperf3", server, "-t", 1, "-u", "-b", "4M")
        self.assertEqual(document["end"]["sum"]["lost_packets"], 0)

    def check_that_it_lets_go(self, server, before, seconds=20):
        deadline = time.monotonic() + seconds
        while self.handles(server) > before and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertLessEqual(self.handles(server), before)
        self.assertIsNone(server.process.poll())

    def test_clients_killed_in_each_state(self):
        with peers.netduel_server() as server:
            before = self.handles(server)
            bystander = subprocess.Popen(
                peers.command("iperf3", server, "-t", 4, "-b", "10M"), stdout=subprocess.PIPE,
                text=True)
            for wait in (0.005, 0.02, 0.05, 0.3):
                for options in ([], ["-u", "-b", "0"], ["-R"], ["-u", "-R", "-b", "10M"]):
                    client = subprocess.Popen(
                        peers.command("iperf3", server, "-t", 30, *options),
                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                    time.sleep(wait)
                    client.send_signal(signal.SIGKILL)
                    client.wait()
            stdout, _ = bystander.communicate(timeout=peers.TIME_LIMIT)
            self.assertEqual(bystander.returncode, 0, stdout)
            self.check_that_it_serves(server)
            self.check_that_it_lets_go(server, before)

    def test_control_connections_that_say_something_else(self):
        with peers.netduel_server() as server:
            before = self.handles(server)
            held = []
            for text in (b"\xff" * 1000, b"GET / HTTP/1.1\r\n\r\n" * 3, b"\0" * 37):
                connection = socket.create_connection(("127.0.0.1", server.port))
                connection.sendall(text)
                held.append(connection)
            for after in (b"\0\0\0\x64{\"tcp\":tr", struct.pack(">I", 8 << 20) + b"{" * 1000,
                          struct.pack(">I", 4) + b"null", b"\0\0\0\0"):
                control = peers.Control(server.port)
                control.read(1)
                control.socket.sendall(after)
                held.append(control)
            stranger = socket.create_connection(("127.0.0.1", server.port))
            stranger.sendall(b"z" * 36 + b"\0")
            held.append(stranger)
            self.check_that_it_serves(server)
            for connection in held:
                connection.close()
            self.check_that_it_lets_go(server, before)

    def test_a_thousand_silent_connections(self):
        with peers.netduel_server() as server:
            before = self.handles(server)
            silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(1000)]
            self.check_that_it_serves(server)
            # Those that never say anything are let go of without their help.
            self.check_that_it_lets_go(server, before, seconds=30)
            for connection in silent:
                connection.close()

    def test_a_client_that_stalls(self):
        with peers.netduel_server("--rcv-timeout", "1500") as server:
            before = self.handles(server)
            control = peers.Control(server.port)
            control.expect(self, "param_exchange")
            control.send_json({"tcp": True, "omit": 0, "time": 30, "parallel": 1, "len": 131072,
                               "pacing_timer": 1000, "client_version": "3.12"})
            control.expect(self, "create_streams")
            data = control.data_connection()
            control.expect(self, "test_start")
            control.expect(self, "test_running")
            self.check_that_it_serves(server)
            # Nothing comes: the server says so by iperf3's code 144.
            self.assertEqual(struct.unpack("b", control.read(1))[0], -2)
            self.assertEqual(struct.unpack(">i", control.read(4))[0], 144)
            data.close()
            control.close()
            self.check_that_it_lets_go(server, before)

    def test_a_client_that_sends_more_than_it_asked_for(self):
        with peers.netduel_server("--max-rate", "2M") as server:
            before = self.handles(server)
            control = peers.Control(server.port)
            control.expect(self, "param_exchange")
            control.send_json({"tcp": True, "omit": 0, "time": 30, "parallel": 1, "len": 1000,
                               "pacing_timer": 1000, "bandwidth": 1000000,
                               "client_version": "3.12"})
            control.expect(self, "create_streams")
            data = control.data_connection()
            control.expect(self, "test_start")
            control.expect(self, "test_running")
            # Five times of what is allowed.
            control.socket.setblocking(False)
            begun = time.monotonic()
            ended = None
            while ended is None and time.monotonic() < begun + 20:
                data.sendall(bytes(125_000))
                time.sleep(0.1)
                with contextlib.suppress(BlockingIOError):
                    ended = control.socket.recv(1)
            control.socket.settimeout(10)
            self.assertEqual(ended, struct.pack("b", -2))
            self.assertEqual(struct.unpack(">i", control.read(4))[0], 27)
            self.assertLess(time.monotonic() - begun, 10)
            data.close()
            control.close()
            self.check_that_it_lets_go(server, before)
            # Who keeps to it may go on for longer.
            document = peers.run_client(self, "iperf3", server, "-t", 8, "-b", "2M")
            self.assertGreater(document["end"]["sum_received"]["bytes"], 1_500_000)
        self.assertIn("the test carried more than it asked for and may", server.output[0])

    def test_what_a_client_says_gives_the_terminal_no_commands(self):
        parameters = {"tcp": True, "omit": 0, "time": 1, "parallel": 1, "len": 1000,
                      "pacing_timer": 1000, "client_version": peers.COMMANDS,
                      "title": peers.COMMANDS, "extra_data": peers.COMMANDS}
        wrong = [{"congestion": "\nforged: a line" + peers.COMMANDS}, {"time": peers.COMMANDS},
                 {"netduel": {"version": peers.COMMANDS, "schedule": peers.COMMANDS}}]
        for options in ([], ["--json"]):
            with peers.netduel_server(*options) as server:
                for more in wrong:
                    control = peers.Control(server.port)
                    control.expect(self, "param_exchange")
                    control.send_json({**parameters, **more})
                    # Whatever becomes of it.
                    control.socket.settimeout(1)
                    with contextlib.suppress(EOFError, OSError):
                        control.read(1)
                        control.data_connection().close()
                        control.read(1000)
                    control.close()
                # No JSON: octets that are no UTF-8.
                control = peers.Control(server.port)
                control.expect(self, "param_exchange")
                control.socket.sendall(struct.pack(">I", 16) + b'{"tcp":"\xff\xfe\x1b["}')
                control.close()
                self.check_that_it_serves(server)
            stdout, stderr = server.output
            peers.check_harmless(self, stderr)
            self.assertNotIn("\nforged", stdout + stderr)
            if options:
                self.assertGreaterEqual(len(server.documents()), 2)
            else:
                peers.check_harmless(self, stdout)

    def test_a_forged_hello_floods_nobody(self):
        with peers.netduel_server() as server:
            control = peers.Control(server.port)
            control.expect(self, "param_exchange")
            control.send_json({"udp": True, "omit": 0, "time": 5, "parallel": 1, "len": 1000,
                               "reverse": True, "pacing_timer": 1000, "bandwidth": 1000000,
                               "client_version": "3.12"})
            control.expect(self, "create_streams")
            victim = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            victim.bind(("127.0.0.9", 0))
            victim.settimeout(1)
            for _ in range(5):
                victim.sendto(bytes.fromhex("39383736"), ("127.0.0.1", server.port))
            with self.assertRaises(TimeoutError):
                victim.recv(2000)
            control.close()


if __name__ == "__main__":
    peers.main()
