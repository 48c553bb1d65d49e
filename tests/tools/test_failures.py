#!/usr/bin/env python3
"""A run that fails says why in one line and leaves with status 1, also under --json."""

import contextlib
import socket
import unittest

import netduel_command as netduel


@contextlib.contextmanager
def taken_port(kind):
    """A port of 127.0.0.1 that is bound while the context lasts."""
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            holder.listen()
        yield holder.getsockname()[1]


TRANSPORTS = [("udp", socket.SOCK_DGRAM), ("tcp", socket.SOCK_STREAM)]


class PortInUse(unittest.TestCase):
    def compare(self, transport, port, *more):
        return netduel.run("compare", "--transport", transport, "-p", port, "--pairs", 1,
                           "-t", "100ms", *more)

    def test_it_is_one_line_that_names_the_port(self):
        for transport, kind in TRANSPORTS:
            with self.subTest(transport=transport), taken_port(kind) as port:
                result = self.compare(transport, port)
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(str(port), result.stderr)
                self.assertRegex(result.stderr, r"in use")

    def test_under_json_stdout_is_still_one_document_that_holds_the_error(self):
        for transport, kind in TRANSPORTS:
            with self.subTest(transport=transport), taken_port(kind) as port:
                result = self.compare(transport, port, "--json")
                self.assertEqual(result.returncode, 1, result.stderr)
                found = netduel.document(self, result)
                self.assertIn(str(port), found["error"])
                self.assertEqual(found["trials"], [])

    def test_a_free_port_that_was_asked_for_works(self):
        with taken_port(socket.SOCK_STREAM) as port:
            pass
        result = self.compare("both", port, "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn("error", netduel.document(self, result))


if __name__ == "__main__":
    netduel.main()
