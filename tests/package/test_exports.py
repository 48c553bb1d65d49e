#!/usr/bin/env python3
"""What public headers declare, the shared library exports, and nothing of other libraries."""

import re
import unittest

import installation
from installation import BUILD, run

CLASS = re.compile(r"^ *(?:class|struct) (?:\[\[nodiscard\]\] )?(?:NETDUEL_EXPORT )?(\w+)[^;]*\{",
                   re.MULTILINE)
# A function declared at the scope of the namespace, the only one of a line that begins there.
FUNCTION = re.compile(r"^(?!inline|constexpr|template|static|using|namespace|class|struct|enum|"
                      r"concept|friend|extern|#|/|\}|NETDUEL_EXPORT)\w[^=;{]*?\b(\w+)\(",
                      re.MULTILINE)


def symbols(*command):
    """(kind, demangled name) of what nm lists."""
    lines = (line.split(maxsplit=2) for line in run("nm", "-C", *command).splitlines())
    return [(line[1], line[2]) for line in lines if len(line) == 3]


class Exports(installation.Installed):
    def setUp(self):
        self.exported = {name for _, name in symbols("-D", "--defined-only", self.library)}

    def test_every_function_of_a_public_class_is_exported(self):
        classes = {name for header in self.headers for name in CLASS.findall(header.read_text())}
        self.assertIn("UdpSocket", classes)
        objects = list((BUILD / "lib").rglob("*.cpp.o"))
        self.assertGreater(len(objects), 20)
        defined = set()
        for kind, name in symbols("--defined-only", *objects):
            match = re.match(r"netduel::(\w+)::[~\w]+\(", name)
            # Inline functions (W) are made anew by who uses them.
            if kind == "T" and match and match[1] in classes:
                defined.add(name)
        self.assertIn("netduel::WaitSet::~WaitSet()", defined)
        self.assertEqual(sorted(defined - self.exported), [])

    def test_every_free_function_says_that_it_is_exported(self):
        missing = [f"{header.name}: {name}" for header in self.headers
                   for name in FUNCTION.findall(header.read_text())]
        self.assertEqual(missing, [])

    def test_what_is_exported_is_ours(self):
        ours = re.compile(r"(?:(?:typeinfo|typeinfo name|vtable) for )?netduel::")
        self.assertEqual([name for name in self.exported if not ours.match(name)], [])
        self.assertGreater(len(self.exported), 100)


if __name__ == "__main__":
    installation.main()
