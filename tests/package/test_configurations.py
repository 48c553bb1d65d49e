#!/usr/bin/env python3
"""Other ways to configure the project than our own presets."""

import pathlib
import shutil
import tempfile
import unittest

import installation
from installation import BUILD, COMPILER, PROJECT, run

PARENT = pathlib.Path(__file__).resolve().parent / "parent"


class Configurations(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)

    def configure(self, source, *options):
        run("cmake", "-S", source, "-B", self.place / "build", f"-DCMAKE_CXX_COMPILER={COMPILER}",
            *options)

    def test_the_library_alone_can_be_installed(self):
        self.configure(PROJECT, "-DNETDUEL_TESTS=OFF", "-DNETDUEL_TOOLS=OFF",
                       "-DCMAKE_INSTALL_LIBDIR=lib64/here")
        # Built once already; compiling it again would show nothing more of the installation.
        shutil.copytree(BUILD / "lib", self.place / "build/lib", symlinks=True, dirs_exist_ok=True)
        prefix = self.place / "prefix"
        run("cmake", "--install", self.place / "build", "--prefix", prefix)
        self.assertFalse((prefix / "bin").exists())
        self.assertTrue((prefix / "lib64/here/libnetduel.so").is_file())
        flags = run("pkg-config", "--cflags", "--libs", prefix / "lib64/here/pkgconfig/netduel.pc")
        places = [pathlib.Path(flag[2:]).resolve() for flag in flags.split() if flag[1] in "IL"]
        self.assertEqual(places, [(prefix / "include").resolve(),
                                  (prefix / "lib64/here").resolve()])

    def test_directories_outside_the_prefix_are_named_in_full(self):
        self.configure(PROJECT, "-DNETDUEL_TESTS=OFF", "-DNETDUEL_TOOLS=OFF",
                       f"-DCMAKE_INSTALL_LIBDIR={self.place}/libraries")
        text = (self.place / "build/netduel.pc").read_text()
        self.assertIn(f"\nlibdir={self.place}/libraries\n", text)

    def test_a_portable_build_asks_for_no_netlink(self):
        self.configure(PROJECT, "-DNETDUEL_PORTABLE=ON", "-DNETDUEL_TESTS=OFF")
        cache = (self.place / "build/CMakeCache.txt").read_text()
        self.assertNotIn("NETLINK", cache)

    def test_a_part_of_another_project_leaves_that_one_its_choices(self):
        self.configure(PARENT, f"-DNETDUEL_SOURCE={PROJECT}")
        told = dict(line.split("=", 1) for line in
                    (self.place / "build/told").read_text().splitlines())
        self.assertEqual(told, {"alias": "TRUE", "tools": "OFF", "tests": "OFF", "install": "OFF",
                                "build_type": "", "runtime": "", "standard": ""})


if __name__ == "__main__":
    installation.main()
