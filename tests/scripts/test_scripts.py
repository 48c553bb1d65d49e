#!/usr/bin/env python3
"""What the scripts promise to whoever calls them."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = PROJECT / "scripts"
NAMES = ["check-format", "check-includes", "demo", "format", "install-deps", "test"]


def run(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


class EveryScript(unittest.TestCase):
    def test_help_is_given_anywhere_and_does_nothing_else(self):
        for name in NAMES:
            for option in ("-h", "--help"):
                with self.subTest(script=name, option=option):
                    result = run(SCRIPTS / name, option, cwd="/")
                    self.assertEqual(result.returncode, 0, result.stderr)
                    self.assertIn(f"scripts/{name}", result.stdout)
                    self.assertEqual(result.stderr, "")

    def test_an_unknown_argument_is_one_line_and_status_2(self):
        # demo and test hand their arguments on.
        for name in ("check-format", "check-includes", "format", "install-deps"):
            with self.subTest(script=name):
                result = run(SCRIPTS / name, "--nonsense")
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)


class InstallDeps(unittest.TestCase):
    """install-deps among stand-ins for the system's commands, which write down their calls."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.bin = pathlib.Path(place.name) / "bin"
        self.bin.mkdir()
        self.calls = pathlib.Path(place.name) / "calls"
        self.calls.touch()
        for tool in ("bash", "env"):
            (self.bin / tool).symlink_to(shutil.which(tool))

    def stand_in(self, name, script):
        path = self.bin / name
        path.write_text(f'#!/usr/bin/env bash\necho "{name} $*" >>"{self.calls}"\n{script}\n')
        path.chmod(0o755)

    def install_deps(self, *arguments, installed="", user=0, sudo=True):
        # dpkg-query gets the package as its last argument.
        self.stand_in("dpkg-query", f'[[ " {installed} " == *" ${{!#}} "* ]] && echo -n installed')
        self.stand_in("apt-get", "exit 0")
        self.stand_in("id", f"echo {user}")
        if sudo:
            self.stand_in("sudo", '"$@"')
        return run(SCRIPTS / "install-deps", *arguments, env={"PATH": str(self.bin)})

    def apt_calls(self):
        return [line for line in self.calls.read_text().splitlines() if line.startswith("apt-get")]

    def test_it_does_nothing_when_all_is_there(self):
        everything = run(SCRIPTS / "install-deps", "--list").stdout.split()
        result = self.install_deps(installed=" ".join(everything))
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertEqual(self.apt_calls(), [])

    def test_it_installs_what_is_missing_and_says_so(self):
        everything = run(SCRIPTS / "install-deps", "--list").stdout.split()
        present = [package for package in everything if package not in ("catch2", "cmake")]
        result = self.install_deps(installed=" ".join(present))
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("cmake catch2", result.stderr)
        install = self.apt_calls()[-1]
        self.assertIn("--no-install-recommends", install)
        self.assertTrue(install.endswith(" cmake catch2"), install)

    def test_without_root_it_says_that_it_uses_sudo(self):
        result = self.install_deps("--build-only", user=1000)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("sudo env DEBIAN_FRONTEND=noninteractive apt-get install", result.stderr)
        self.assertNotIn("catch2", self.apt_calls()[-1])

    def test_without_root_and_sudo_it_says_what_to_type(self):
        result = self.install_deps(user=1000, sudo=False)
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn("apt-get install g++", result.stderr)
        self.assertEqual(self.apt_calls(), [])

    def test_elsewhere_it_names_the_packages_and_goes_on(self):
        result = run(SCRIPTS / "install-deps", env={"PATH": str(self.bin)})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
        self.assertIn("libasio-dev", result.stderr)


class CheckFormat(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)
        shutil.copytree(SCRIPTS, self.root / "scripts")
        shutil.copy(PROJECT / ".clang-format", self.root)
        (self.root / "lib").mkdir()
        self.source = self.root / "lib/planted.cpp"
        # A blank in the name must not part it.
        (self.root / "lib/with blank.cpp").write_text("int b;\n")

    def check(self):
        result = run(self.root / "scripts/check-format", cwd="/")
        if result.returncode == 77 and not os.environ.get("CI"):
            self.skipTest(result.stderr.strip())
        return result

    def test_a_badly_formatted_file_is_named_and_format_mends_it(self):
        self.source.write_text("int  a ;\n")
        result = self.check()
        self.assertEqual(result.returncode, 1)
        self.assertIn("lib/planted.cpp:1", result.stderr)
        self.assertEqual(run(self.root / "scripts/format", cwd="/").returncode, 0)
        self.assertEqual(self.check().returncode, 0)
        self.assertEqual(self.source.read_text(), "int a;\n")


if __name__ == "__main__":
    unittest.main(verbosity=2)
