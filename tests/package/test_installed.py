#!/usr/bin/env python3
"""Which files `cmake --install` puts where, and what they promise by themselves."""

import concurrent.futures
import os
import re
import unittest

import installation
from installation import BUILD, COMPILER, FLOORS, PROJECT, run

WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
PRIVATE = re.compile(r"/(asio|fmt|nlohmann|netlink|libnl3|isa-l|CLI|catch2)[/.]")


class Files(installation.Installed):
    def test_the_headers_are_those_of_the_public_floors(self):
        ours = PROJECT / "lib/include"
        expected = [path.relative_to(ours) for floor in FLOORS
                    for path in (ours / "netduel" / floor).rglob("*.hpp")]
        include = self.prefix / "include"
        found = [path.relative_to(include) for path in include.rglob("*") if not path.is_dir()]
        self.assertEqual(sorted(found), sorted(expected))
        self.assertGreater(len(found), 20)

    def test_each_header_stands_alone_and_asks_for_no_other_library(self):
        def compile_alone(header):
            name = header.relative_to(self.prefix / "include")
            source = self.place / f"{'_'.join(name.parts)}.cpp"
            source.write_text(f'#include "{name}"\n')
            needs = source.with_suffix(".d")
            run(COMPILER, "-std=c++20", *WARNINGS, "-fsyntax-only", "-MD", "-MF", needs,
                "-I", self.prefix / "include", source)
            return [path for path in needs.read_text().split() if PRIVATE.search(path)]

        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for header, private in zip(self.headers, pool.map(compile_alone, self.headers)):
                with self.subTest(header.name):
                    self.assertEqual(private, [])

    def test_the_library_has_its_links_and_the_minor_version_in_its_name(self):
        version = self.pkg_config("--modversion").strip()
        minor = version.split(".")[1]
        self.assertEqual(self.library.readlink().name, f"libnetduel.so.{minor}")
        self.assertEqual((self.library.parent / f"libnetduel.so.{minor}").readlink().name,
                         f"libnetduel.so.{version}")
        dynamic = run("readelf", "-d", self.library)
        self.assertIn(f"soname: [libnetduel.so.{minor}]", dynamic)
        self.assertNotRegex(dynamic, r"(RPATH|RUNPATH)")

    def test_the_command_runs_where_it_was_moved_and_needs_no_library_of_ours(self):
        command = self.prefix / "bin/netduel"
        self.assertRegex(run(command, "--version", cwd="/"), r"^netduel \d+\.\d+\.\d+\n$")
        dynamic = run("readelf", "-d", command)
        self.assertIn("NEEDED", dynamic)
        self.assertNotIn("libnetduel", dynamic)
        self.assertNotRegex(dynamic, r"(RPATH|RUNPATH)")

    def test_no_file_tells_where_it_was_built_or_meant_to_go(self):
        texts = [path for path in self.prefix.rglob("*") if path.suffix in (".cmake", ".pc")]
        self.assertGreaterEqual(len(texts), 5)
        for path in texts:
            with self.subTest(path.name):
                text = path.read_text()
                for place in (str(BUILD), str(PROJECT), str(self.place), "/usr/local"):
                    self.assertNotIn(place, text)

    def test_licence_and_documents_are_there_and_their_links_hold(self):
        documents = self.prefix / "share/doc/netduel"
        self.assertTrue((documents / "LICENSE").is_file())
        self.assertTrue((documents / "CHANGELOG.md").is_file())
        texts = list(documents.rglob("*.md"))
        self.assertGreater(len(texts), 5)
        for text in texts:
            for link in re.findall(r"\]\(([^)#: ]+)(?:#[^)]*)?\)", text.read_text()):
                with self.subTest(text=text.name, link=link):
                    self.assertTrue((text.parent / link).exists())


if __name__ == "__main__":
    installation.main()
