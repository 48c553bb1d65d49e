"""What the interop tests share: servers on free ports, clients' documents, iperf3 spoken by hand."""

import concurrent.futures
import contextlib
import itertools
import json
import os
import pathlib
import random
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
NETDUEL = os.environ.get("NETDUEL", str(PROJECT / "build/release/bin/netduel"))
TIME_LIMIT = 60


def iperf3():
    """The program; without it these tests show nothing."""
    found = shutil.which("iperf3")
    if found:
        return found
    if os.environ.get("CI"):
        raise RuntimeError("iperf3 is missing: scripts/install-deps installs it")
    raise unittest.SkipTest("iperf3 is missing: scripts/install-deps installs it")


def free_port():
    """One that neither TCP nor UDP uses now, by either IP version."""
    for _ in range(100):
        port = random.randint(20000, 32000)
        with contextlib.ExitStack() as stack:
            try:
                for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
                    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                        probe = stack.enter_context(socket.socket(family, kind))
                        if family == socket.AF_INET6:
                            probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                        probe.bind((address, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port found")


class Server:
    """A server in the background, for the time of a with block."""

    def __init__(self, command, port):
        self.port = port
        # Files, which never fill up as pipes do.
        self.stdout = tempfile.TemporaryFile("w+")
        self.stderr = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=self.stdout, stderr=self.stderr)

    def __enter__(self):
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.read_output()}")
            if self.listens():
                return self
            time.sleep(0.02)
        raise RuntimeError("the server does not listen")

    def listens(self):
        wanted = f":{self.port:04X}"
        for table in ("/proc/net/tcp", "/proc/net/tcp6"):
            for line in pathlib.Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[1].endswith(wanted) and fields[3] == "0A":
                    return True
        return False

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output = self.read_output()
        self.stdout.close()
        self.stderr.close()
        return False

    def read_output(self):
        for file in (self.stdout, self.stderr):
            file.seek(0)
        return self.stdout.read(), self.stderr.read()

    def documents(self):
        """What a netduel server with --json printed, after the with block."""
        return [json.loads(line) for line in self.output[0].splitlines() if line.startswith("{")]


def netduel_server(*options):
    port = free_port()
    return Server([NETDUEL, "server", "-p", str(port), *map(str, options)], port)


def stock_server(*options):
    port = free_port()
    return Server([iperf3(), "-s", "-p", str(port), *map(str, options)], port)


def command(program, server, *options, host="127.0.0.1"):
    if program == "iperf3":
        return [iperf3(), "-c", host, "-p", str(server.port), "-J", *map(str, options)]
    return [NETDUEL, "client", host, "-p", str(server.port), "-J", *map(str, options)]


def run_client(test, program, server, *options, host="127.0.0.1"):
    """The document of a client that succeeds."""
    result = subprocess.run(command(program, server, *options, host=host),
                            stdin=subprocess.DEVNULL, capture_output=True, text=True,
                            timeout=TIME_LIMIT)
    document = json.loads(result.stdout)
    test.assertNotIn("error", document, document.get("error"))
    test.assertEqual(result.returncode, 0, result.stderr)
    return document


# Hosts and numbers of streams that the widest tests go through, and the ways that messages go.
ENDS = list(itertools.product(("127.0.0.1", "::1"), (1, 4)))
WAYS = ([], ["-R"], ["--bidir"])


def at_once(call, arguments):
    """A future of call(*one) for each of `arguments`: these take a second, and little else."""
    with concurrent.futures.ThreadPoolExecutor(len(arguments)) as pool:
        return [pool.submit(call, *one) for one in arguments]


STATES = {"test_start": 1, "test_running": 2, "test_end": 4, "param_exchange": 9,
          "create_streams": 10, "client_terminate": 12, "exchange_results": 13,
          "display_results": 14, "iperf_done": 16, "netduel_terms": 100}

# What a terminal would take for commands: by ASCII's escape, by Latin-1's, and other controls.
COMMANDS = "\x1b]0;owned\x07\x1b[2J \u009b31m \r\0\x7f \u202e"


def check_harmless(test, text):
    """Nothing but lines that a terminal shows."""
    for character in text:
        shown = character == "\n" or character.isprintable()
        test.assertTrue(shown, f"{character!r} in {text!r}")


class Channel:
    """A control connection, step by step."""

    def __init__(self, connection):
        self.socket = connection

    def read(self, octets):
        data = b""
        while len(data) < octets:
            more = self.socket.recv(octets - len(data))
            if not more:
                raise EOFError("the peer closed the control connection")
            data += more
        return data

    def expect(self, test, name):
        test.assertEqual(struct.unpack("b", self.read(1))[0], STATES[name])

    def send_state(self, name):
        self.socket.sendall(struct.pack("b", STATES[name]))

    def send_json(self, value):
        text = json.dumps(value).encode()
        self.socket.sendall(struct.pack(">I", len(text)) + text)

    def read_json(self):
        (length,) = struct.unpack(">I", self.read(4))
        return json.loads(self.read(length))

    def close(self):
        self.socket.close()


class Control(Channel):
    """A client's."""

    def __init__(self, port, cookie=None):
        super().__init__(socket.create_connection(("127.0.0.1", port), timeout=10))
        self.port = port
        letters = "abcdefghijklmnopqrstuvwxyz234567"
        self.cookie = cookie or "".join(random.choice(letters) for _ in range(36)).encode() + b"\0"
        self.socket.sendall(self.cookie)

    def data_connection(self):
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        connection.sendall(self.cookie)
        return connection


class FakeServer:
    """Serves one client, up to its parameters, and then as `serve(channel, accept)` does: `accept()`
    waits for a data connection."""

    def __init__(self, serve):
        self.serve = serve
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(TIME_LIMIT)
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run)

    def run(self):
        connection, _ = self.listener.accept()
        with contextlib.suppress(EOFError, OSError), connection:
            channel = Channel(connection)
            channel.read(37)
            channel.send_state("param_exchange")
            self.parameters = channel.read_json()
            self.serve(channel, self.accept)

    def accept(self):
        connection, _ = self.listener.accept()
        return connection

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.thread.join()
        self.listener.close()
        return False


def main():
    unittest.main(module=sys.modules["__main__"], verbosity=2)
