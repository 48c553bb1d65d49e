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
NAMES = ["check-format", "check-includes", "check-tidy", "demo", "format", "install-deps", "test"]


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
        # demo hands its arguments on.
        for name in ("check-format", "check-includes", "check-tidy", "format", "install-deps",
                     "test"):
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


class Test(unittest.TestCase):
    def test_what_says_which_tests_to_run_is_handed_on(self):
        with tempfile.TemporaryDirectory() as place:
            scripts = pathlib.Path(place) / "scripts"
            scripts.mkdir()
            shutil.copy(SCRIPTS / "test", scripts)
            # In place of what would install and build.
            (scripts / "install-deps").write_text("#!/bin/sh\nexit 42\n")
            (scripts / "install-deps").chmod(0o755)
            for word in ("-L", "-LE", "-R", "-E", "-I", "-j", "-j4", "--parallel", "-N", "-V", "-VV",
                         "--rerun-failed", "--repeat", "--timeout", "--stop-on-failure",
                         "--label-regex", "--tests-regex"):
                with self.subTest(option=word):
                    self.assertEqual(run(scripts / "test", word).returncode, 42)
            for word in ("-X", "--nonsense", "unit"):
                with self.subTest(option=word):
                    self.assertEqual(run(scripts / "test", word).returncode, 2)


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


class CheckTidy(unittest.TestCase):
    """check-tidy in a small repository, with a stand-in for clang-tidy that names its files."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name) / "project"
        (self.root / "build/release").mkdir(parents=True)
        (self.root / "build/release/compile_commands.json").write_text("[]")
        shutil.copytree(SCRIPTS, self.root / "scripts")
        (self.root / ".gitignore").write_text("/build/\n")
        tool = pathlib.Path(place.name) / "bin/clang-tidy-19"
        tool.parent.mkdir()
        tool.write_text('#!/usr/bin/env bash\necho "${!#}"\n[[ ${!#} != *bad* ]]\n')
        tool.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{tool.parent}:{os.environ['PATH']}",
                            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1"}
        self.git("init", "--quiet")
        for name in ("lib/src/wire/a.cpp", "lib/src/wire/b.cpp", "lib/src/wire/c.cpp"):
            self.write(name, "// first\n")
        self.write("lib/include/netduel/wire/c.hpp", "// first\n")
        self.write("lib/src/wire/d.hpp", "// first\n")
        self.write("lib/src/wire/b.cpp", '#include "wire/d.hpp"\n')
        self.commit()

    def write(self, name, text):
        (self.root / name).parent.mkdir(parents=True, exist_ok=True)
        (self.root / name).write_text(text)

    def git(self, *arguments):
        result = run("git", "-C", self.root, "-c", "user.name=n", "-c", "user.email=e@example.org",
                     *arguments, env=self.environment)
        self.assertEqual(result.returncode, 0, result.stderr)

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A change")

    def looked_at(self, *arguments, status=0):
        result = run(self.root / "scripts/check-tidy", *arguments, cwd="/", env=self.environment)
        self.assertEqual(result.returncode, status, result.stderr)
        return sorted(result.stdout.split())

    def test_it_looks_at_what_the_last_commit_and_the_working_tree_changed(self):
        self.write("lib/src/wire/a.cpp", "// second\n")
        self.commit()
        self.write("lib/src/wire/new.cpp", "// not yet added\n")
        self.assertEqual(self.looked_at(), ["lib/src/wire/a.cpp", "lib/src/wire/new.cpp"])

    def test_a_header_is_looked_at_through_its_own_file_or_one_that_includes_it(self):
        self.write("lib/include/netduel/wire/c.hpp", "// second\n")
        self.write("lib/src/wire/d.hpp", "// second\n")
        self.commit()
        self.assertEqual(self.looked_at(), ["lib/src/wire/b.cpp", "lib/src/wire/c.cpp"])

    def test_a_base_may_be_named(self):
        self.write("lib/src/wire/a.cpp", "// second\n")
        self.commit()
        self.write("lib/src/wire/b.cpp", "// second\n")
        self.commit()
        self.assertEqual(self.looked_at(), ["lib/src/wire/b.cpp"])
        self.assertEqual(self.looked_at("HEAD~2"), ["lib/src/wire/a.cpp", "lib/src/wire/b.cpp"])
        self.assertEqual(self.looked_at("no-such-commit", status=2), [])

    def test_arguments_that_do_not_go_together_or_lack_a_value_are_one_line(self):
        for arguments in (["--all", "HEAD"], ["HEAD", "--all"], ["--build"], ["--build", "--all"],
                          ["--at-most"], ["--at-most", "0"]):
            with self.subTest(arguments=arguments):
                result = run(self.root / "scripts/check-tidy", *arguments, env=self.environment)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)

    def test_without_a_history_it_looks_at_as_many_as_allowed(self):
        self.assertEqual(len(self.looked_at()), 3)
        some = self.looked_at("--at-most", "2")
        self.assertEqual(len(some), 2)
        self.assertEqual(self.looked_at("--at-most", "2"), some)

    def test_a_finding_fails(self):
        self.write("lib/src/wire/bad.cpp", "// second\n")
        self.assertIn("lib/src/wire/bad.cpp", self.looked_at("--all", status=1))

    def test_without_clang_tidy_it_is_skipped_and_fails_only_for_ci(self):
        bin_ = self.root.parent / "few"
        bin_.mkdir()
        for tool in ("bash", "dirname", "readlink"):
            (bin_ / tool).symlink_to(shutil.which(tool))
        for environment, status in (({}, 77), ({"CI": "1"}, 1)):
            result = run(self.root / "scripts/check-tidy", env={"PATH": str(bin_), **environment})
            self.assertEqual(result.returncode, status, result.stderr)
            self.assertIn("apt-get install clang-tidy-19", result.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
