"""What the tests of the package share: this tree installed where it was not configured to go."""

import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("NETDUEL_BUILD", PROJECT / "build/release"))
COMPILER = os.environ.get("CXX", "g++")
FLOORS = ("base", "wire", "transport", "measure")


def environment(**changes):
    """This process's, without what would lead to another installation."""
    misleading = ("PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR", "LD_LIBRARY_PATH", "CMAKE_PREFIX_PATH",
                  "netduel_DIR", "netduel_ROOT", "DESTDIR", "CPATH", "LIBRARY_PATH")
    kept = {key: value for key, value in os.environ.items() if key not in misleading}
    return {**kept, **{key: str(value) for key, value in changes.items()}}


def run(*command, **options):
    """Runs a command to its end and returns what it wrote; it may not fail."""
    options.setdefault("env", environment())
    result = subprocess.run([*map(str, command)], stdin=subprocess.DEVNULL, capture_output=True,
                            text=True, timeout=120, **options)
    if result.returncode != 0:
        raise AssertionError(f"{command} ended with {result.returncode}:\n"
                             f"{result.stdout}{result.stderr}")
    return result.stdout


class Installed(unittest.TestCase):
    """Installs once for a class of tests, and then moves all of it: nothing may know its place."""

    @classmethod
    def setUpClass(cls):
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = pathlib.Path(place.name)
        first = cls.place / "first"
        run("cmake", "--install", BUILD, "--prefix", first)
        cls.prefix = cls.place / "moved here"
        first.rename(cls.prefix)
        cls.library = next(cls.prefix.rglob("libnetduel.so"))
        cls.headers = sorted((cls.prefix / "include").rglob("*.hpp"))

    def pkg_config(self, *options):
        path = self.library.parent / "pkgconfig"
        return run("pkg-config", *options, "netduel", env=environment(PKG_CONFIG_PATH=path))


def main():
    """Runs the calling file's tests."""
    sys.exit(0 if unittest.main(module="__main__", exit=False, verbosity=2).result.wasSuccessful()
             else 1)
