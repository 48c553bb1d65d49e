#!/usr/bin/env python3
"""scripts/check-includes finds what breaks the order of the floors, and nothing else."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
CHECK = PROJECT / "scripts/check-includes"

# A file, a line planted at its end, and what the complaint must say.
PLANTED = [
    ("lib/include/netduel/base/time.hpp", '#include "netduel/measure/arrival.hpp"',
     "base may not include measure"),
    ("lib/include/netduel/wire/probe.hpp", '#include "netduel/transport/tcp.hpp"',
     "wire may not include transport"),
    ("lib/include/netduel/measure/arrival.hpp", '#include "netduel/wire/probe.hpp"',
     "measure may not include wire"),
    ("lib/src/transport/planted.cpp", '#include "netduel/measure/ledger.hpp"',
     "transport may not include measure"),
    ("lib/src/measure/planted.cpp", '#include "netduel/transport/tcp.hpp"',
     "measure may not include transport"),
    ("lib/src/os/planted.cpp", '#include "netduel/transport/tcp.hpp"',
     "os may not include transport"),
    ("lib/src/report/planted.cpp", '#include "netduel/measure/ledger.hpp"',
     "report may not include measure"),
    ("lib/include/netduel/transport/tcp.hpp", '#include "os/socket.hpp"',
     "public headers only"),
    ("lib/include/netduel/session/planted.hpp", "#pragma once", "no public headers"),
    ("lib/src/cellar/planted.cpp", "#include <vector>", "no floor"),
    ("lib/src/wire/planted.cpp", "#include <arpa/inet.h>", "wire is pure"),
    ("lib/src/transport/planted.hpp", "#include <sys/socket.h>", "kernel headers stay in .cpp"),
    ("lib/include/netduel/transport/tcp.hpp", "#include <poll.h>", "kernel headers stay in .cpp"),
    ("lib/include/netduel/transport/tcp.hpp", "#include <asio.hpp>", "asio is private"),
    ("lib/src/measure/planted.cpp", "#  include <asio/ip/udp.hpp>", "measure may not use asio"),
    ("lib/src/session/planted.cpp", "#include <CLI/CLI.hpp>", "session may not use CLI11"),
    ("tools/netduel/planted.hpp", "#include <CLI/CLI.hpp>", "CLI11 stays in .cpp files"),
    ("lib/src/base/planted.cpp", "#include <boost/asio.hpp>", "neither the standard library"),
    ("lib/src/session/planted.cpp", '#include "session/nowhere.hpp"', "no header of ours"),
    ("lib/src/session/planted.cpp", "#if defined(__linux__)", "CMake chooses files by system"),
    ("lib/src/session/planted.cpp", "#ifdef _WIN32", "CMake chooses files by system"),
]

# What looks alike and is allowed.
ALLOWED = [
    ("lib/src/transport/planted.cpp", '#include "os/socket.hpp"'),
    ("lib/src/transport/planted.cpp", "#include <netinet/tcp.h>"),
    ("lib/src/transport/planted.cpp", "#include <asio.hpp>"),
    ("lib/src/os/planted.hpp", "#include <sys/socket.h>"),
    ("lib/src/session/planted.cpp", '#include "netduel/measure/ledger.hpp"'),
    ("lib/src/session/planted.cpp", '#include "netduel/transport/tcp.hpp"'),
    ("lib/src/experiment/planted.cpp", '#include "netduel/wire/overhead.hpp"'),
    ("tools/netduel/planted.cpp", "#include <CLI/CLI.hpp>"),
    ("lib/src/session/planted.cpp", "#if NETDUEL_SOMETHING_ELSE"),
    ("lib/src/base/planted.cpp", '// #include "netduel/transport/tcp.hpp"'),
]


def check(root):
    return subprocess.run([sys.executable, CHECK, root], capture_output=True, text=True)


class CheckIncludes(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)
        for part in ("lib", "tools"):
            shutil.copytree(PROJECT / part, self.root / part)

    def plant(self, name, line):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text() if path.exists() else None
        path.write_text((before or "") + line + "\n")
        try:
            return check(self.root), path.read_text().count("\n")
        finally:
            if before is None:
                path.unlink()
            else:
                path.write_text(before)

    def test_the_project_itself_passes(self):
        result = check(self.root)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.returncode, 0)

    def test_each_wrong_include_is_found_where_it_stands(self):
        for name, line, complaint in PLANTED:
            with self.subTest(file=name, line=line):
                result, number = self.plant(name, line)
                self.assertEqual(result.returncode, 1)
                complaints = result.stdout.splitlines()
                self.assertEqual(len(complaints), 1, result.stdout)
                self.assertIn(complaint, complaints[0])
                if "floor" not in complaint and "no public headers" not in complaint:
                    self.assertTrue(complaints[0].startswith(f"{name}:{number}: "), complaints[0])

    def test_what_is_allowed_is_left_alone(self):
        for name, line in ALLOWED:
            with self.subTest(file=name, line=line):
                result, _ = self.plant(name, line)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.returncode, 0)

    def test_a_directory_without_sources_is_an_error_and_no_pass(self):
        with tempfile.TemporaryDirectory() as empty:
            result = check(empty)
        self.assertEqual(result.returncode, 2)
        self.assertIn("no sources", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
