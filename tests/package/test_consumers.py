#!/usr/bin/env python3
"""Programs of others, built against the installed tree alone, and run."""

import pathlib
import unittest

import installation
from installation import COMPILER, environment, run

CONSUMER = pathlib.Path(__file__).resolve().parent / "consumer"


class Consumers(installation.Installed):
    def find_package(self, version):
        project = self.place / f"asks for {version}"
        project.mkdir()
        (project / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.25)\nproject(asks LANGUAGES CXX)\n"
            f"find_package(netduel {version} QUIET)\n"
            'file(WRITE "${CMAKE_BINARY_DIR}/found" "${netduel_FOUND}")\n')
        run("cmake", "-S", project, "-B", project / "build",
            f"-DCMAKE_PREFIX_PATH={self.prefix}", f"-DCMAKE_CXX_COMPILER={COMPILER}")
        return (project / "build/found").read_text() == "1"

    def test_with_find_package(self):
        build = self.place / "with cmake"
        run("cmake", "-S", CONSUMER, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_CXX_COMPILER={COMPILER}")
        run("cmake", "--build", build, "--parallel", "2")
        self.assertEqual(run(build / "probes"), "ok\n")
        self.assertEqual(run(build / "everything"), "ok\n")

    def test_with_pkg_config(self):
        program = self.place / "probes"
        # Blanks in the path are quoted by a backslash, which is what a shell would take off.
        flags = [flag.replace("\0", " ") for flag in
                 self.pkg_config("--cflags", "--libs").replace("\\ ", "\0").split()]
        run(COMPILER, "-std=c++20", CONSUMER / "probes.cpp", *flags, "-o", program)
        self.assertEqual(run(program, env=environment(LD_LIBRARY_PATH=self.library.parent)), "ok\n")

    def test_as_the_readme_says(self):
        """Its lines, as a shell runs them, with another place than ~/.local."""
        readme = (installation.PROJECT / "README.md").read_text()
        block = readme.split("## As a library", 1)[1].split("```")[1]
        lines = [line for line in block.splitlines() if line.startswith(("export ", "g++ "))]
        self.assertEqual(len(lines), 2)
        script = "\n".join(lines).replace("~/.local", str(self.place / "as_told"))
        (self.place / "as_told").symlink_to(self.prefix, target_is_directory=True)
        (self.place / "mine.cpp").write_text((CONSUMER / "probes.cpp").read_text())
        (self.place / "check.hpp").write_text((CONSUMER / "check.hpp").read_text())
        run("bash", "-ec", script.replace("g++ ", f"{COMPILER} ", 1), cwd=self.place)
        self.assertEqual(run(self.place / "a.out"), "ok\n")

    def test_pkg_config_leaves_the_language_to_the_user(self):
        flags = self.pkg_config("--cflags", "--libs")
        self.assertNotIn("-std", flags)
        self.assertIn("-lnetduel", flags)

    def test_the_version_has_to_fit(self):
        version = self.pkg_config("--modversion").strip()
        major, minor, patch = map(int, version.split("."))
        self.assertTrue(self.find_package(version))
        self.assertTrue(self.find_package(f"{major}.{minor}"))
        # Before 1.0 a minor version may change the interface.
        for other in (f"{major}.{minor + 1}", f"{major}.{minor}.{patch + 1}", "1.0", "0.0"):
            self.assertFalse(self.find_package(other), other)

    def test_an_older_language_is_named_first(self):
        source = self.place / "old.cpp"
        source.write_text('#include "netduel/transport/udp_socket.hpp"\n')
        with self.assertRaisesRegex(AssertionError, r"error: #error \"netduel needs C\+\+20"):
            run(COMPILER, "-std=c++17", "-fsyntax-only", "-I", self.prefix / "include", source)


if __name__ == "__main__":
    installation.main()
