#!/usr/bin/env python3
"""`netduel lab`: programs that are not ours, on the two hosts of an emulated link."""

import functools
import itertools
import json
import os
import pathlib
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import netduel_command as netduel

PYTHON = sys.executable
SERVER = (f"{PYTHON} -u -c 'import socket; s = socket.create_server((\"\", 7)); "
          "print(\"up\"); s.accept()'")
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
serial = itertools.count(1)


@functools.cache
def refusal():
    """Why this machine gives no namespaces; empty when it does. By the rule of tests/netns/run."""
    result = subprocess.run([netduel.NAMESPACE, "true"], capture_output=True, text=True)
    if result.returncode not in (0, 77):
        raise RuntimeError(result.stderr)
    return result.stderr.strip() if result.returncode == 77 else ""


def lab(*arguments, **options):
    return netduel.run("lab", *arguments, **options)


def marker():
    """A command that sleeps for a time that nobody else sleeps for."""
    return f"sleep {100000 + os.getpid()}.{next(serial)}"


def processes(command):
    """The PIDs of those that run exactly this command."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and (entry / "cmdline").read_bytes().decode(
                    errors="replace").split("\0")[:-1] == command.split():
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def users_of(namespaces):
    """The PIDs of those that are in one of these namespaces."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and {os.readlink(link) for link in
                                         (entry / "ns").iterdir()} & namespaces:
                found.append(int(entry.name))
        except OSError:
            pass
    return found


def outside():
    """What a lab could leave behind in this host's own network and mounts."""
    return {command: subprocess.run(command.split(), capture_output=True, text=True).stdout
            for command in ("ip -o link", "ip netns", "cat /proc/self/mounts", "cat /etc/hosts",
                            "hostname")
            if shutil.which(command.split()[0])}


class LabTest(unittest.TestCase):
    def setUp(self):
        if refusal():
            self.skipTest(refusal())

    def start(self, *arguments, **options):
        """A lab whose COMMAND has written its first line, which is its promise to be ready."""
        process = netduel.start("lab", *arguments, **options)
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        self.assertEqual(process.stdout.readline(), "ready\n")
        return process

    def wait_until(self, happened, seconds=5):
        deadline = time.monotonic() + seconds
        while not happened():
            self.assertLess(time.monotonic(), deadline, "it did not happen")
            time.sleep(0.01)


class Command(LabTest):
    def test_its_exit_status_is_the_labs(self):
        for script, status in (("exit 0", 0), ("exit 7", 7), ("kill -KILL $$", 137),
                               ("kill -TERM $$", 143)):
            with self.subTest(script=script):
                result = lab("--", "sh", "-c", script)
                self.assertEqual(result.returncode, status, result.stderr)

    def test_clients_of_it_tell_delays_with_what_they_may_be_off_by(self):
        for arguments in (["-u"], ["-u", "-R"], [], ["-R"]):
            with self.subTest(arguments=arguments):
                result = lab("--delay", "5ms", "--serve", f"{netduel.COMMAND} server", "--",
                             netduel.COMMAND, "client", "b", "-J", "-b", "1M", "-t", "1", *arguments)
                self.assertEqual(result.returncode, 0, result.stderr)
                ours = netduel.document(self, result)["netduel"]
                clock = ours["clock"]
                self.assertEqual((clock["same_host"], clock["stepped"]), (False, False))
                self.assertGreater(clock["minimum_round_trip_seconds"], 10e-3)
                # One clock for all hosts of a lab.
                self.assertLessEqual(abs(clock["offset_seconds"]), clock["bound_seconds"])
                if ours["delay_seconds"] is None:
                    self.assertIn("clocks_not_comparable", [w["id"] for w in ours["warnings"]])
                else:
                    # The link holds each message for so long, and a busy machine for longer.
                    median = ours["delay_seconds"]["p50"]
                    self.assertGreaterEqual(median, 5e-3 - ours["delay_bound_seconds"])
                    self.assertLess(median, 1)

    def test_standard_output_and_input_are_its_own(self):
        result = lab("--serve", SERVER, "--", "sh", "-c", "cat; echo out; echo error >&2")
        self.assertEqual(result.stdout, "out\n")
        self.assertIn("error\n", result.stderr)
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_no_file_but_the_standard_streams_is_open_in_it(self):
        with tempfile.TemporaryDirectory() as directory:
            result = lab("--truth", f"{directory}/truth", "--pcap", f"{directory}/pcap",
                         "--serve", SERVER, "--", PYTHON, "-c",
                         "import os; print([n for n in range(3, 1000) if "
                         "os.path.islink(f'/proc/self/fd/{n}')])")
        self.assertEqual(result.stdout, "[]\n", result.stderr)

    def test_its_signals_are_as_the_caller_had_them(self):
        script = "grep -E '^Sig(Blk|Ign)' /proc/self/status"
        plain = subprocess.run(["sh", "-c", script], capture_output=True, text=True)
        self.assertEqual(lab("--", "sh", "-c", script).stdout, plain.stdout)

    def test_one_that_is_not_there_gets_one_line_and_127(self):
        result = lab("--", "no-such-command", env=netduel.environment(PATH="/bin:/usr/bin"))
        self.assertEqual(result.stderr,
                         "netduel: lab: no-such-command: No such file or directory\n")
        self.assertEqual(result.returncode, 127)

    def test_one_that_is_not_executable_gets_one_line_and_126(self):
        result = lab("--", "/etc/passwd")
        self.assertEqual(result.stderr, "netduel: lab: /etc/passwd: Permission denied\n")
        self.assertEqual(result.returncode, 126)

    def test_the_hosts_have_names_and_reach_each_other(self):
        result = lab("--serve", f"hostname; {SERVER}", "--", PYTHON, "-c",
                     "import socket; print(socket.gethostname());"
                     "print(socket.gethostbyname('a') != socket.gethostbyname('b'));"
                     "s = socket.create_connection(('b', 7));"
                     "print(s.getsockname()[0] == socket.gethostbyname('a'))")
        self.assertEqual(result.stdout, "a\nTrue\nTrue\n", result.stderr)
        self.assertIn("b: b\n", result.stderr)

    def test_both_names_have_addresses_of_both_ip_versions(self):
        result = lab("--", PYTHON, "-c",
                     "import socket\n"
                     "for name in 'ab':\n"
                     "  for family in (socket.AF_INET, socket.AF_INET6):\n"
                     "    print(len(set(socket.getaddrinfo(name, 7, family, socket.SOCK_DGRAM))))")
        self.assertEqual(result.stdout, "1\n" * 4, result.stderr)


class Shell(LabTest):
    def test_without_a_command_it_reads_from_standard_input(self):
        for shell in ("/bin/sh", "/bin/bash"):
            with self.subTest(shell=shell):
                result = subprocess.run(
                    [netduel.COMMAND, "lab"], input="hostname\nexit 9\n", capture_output=True,
                    text=True, timeout=netduel.TIME_LIMIT, env=netduel.environment(SHELL=shell))
                self.assertEqual(result.stdout, "a\n")
                self.assertEqual(result.returncode, 9, result.stderr)

    def converse(self, shell, *arguments):
        """A lab on a terminal: its PID, and a function that writes and reads up to a text."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(SHELL=shell, HOME="/nonexistent", TERM="dumb")
            os.environ.pop("PS1", None)
            os.execv(netduel.COMMAND, [netduel.COMMAND, "lab", *arguments])
        self.addCleanup(os.close, terminal)
        seen = ""

        def say(text, awaited):
            nonlocal seen
            os.write(terminal, text.encode())
            while not re.search(awaited, seen):
                try:
                    more = os.read(terminal, 4096).decode()
                except OSError:
                    more = ""
                self.assertTrue(more, f"{awaited} did not come: {seen}")
                seen += more
            before, seen = seen, ""
            return before

        signal.alarm(netduel.TIME_LIMIT)
        self.addCleanup(signal.alarm, 0)
        return pid, say

    def test_on_a_terminal_its_prompt_says_where_it_is(self):
        for shell in ("/bin/sh", "/bin/bash"):
            with self.subTest(shell=shell):
                pid, say = self.converse(shell)
                prompt = r"\[netduel lab: a\].*[$#] $"
                first = say("", prompt)
                self.assertNotIn("job control", first)
                # Job control works: Ctrl-C ends what runs and not the shell.
                sleeping = marker()
                say(f"{sleeping}\n", sleeping)
                self.wait_until(lambda: processes(sleeping))
                say("\x03", prompt)
                self.assertIn("\r\na\r\n", say("hostname\n", r"\na\r[\s\S]*" + prompt))
                say("exit 3\n", "exit 3")
                self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 3)

    def test_ctrl_c_reaches_a_command_once(self):
        script = ("import signal, time\n"
                  "signal.signal(signal.SIGINT, lambda *_: print('interrupted'))\n"
                  "signal.signal(signal.SIGTERM, lambda *_: exit(4))\n"
                  "print('ready', flush=True)\n"
                  "while True: time.sleep(1000)\n")
        pid, say = self.converse("/bin/sh", "--", PYTHON, "-u", "-c", script)
        say("", "ready")
        say("\x03", "interrupted")
        os.kill(pid, signal.SIGTERM)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 4)

    def test_ctrl_z_stops_it_and_fg_goes_on(self):
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(TERM="dumb", HOME="/nonexistent")
            os.execv("/bin/bash", ["bash", "--norc", "-i"])
        self.addCleanup(os.close, terminal)
        self.addCleanup(os.kill, pid, signal.SIGKILL)
        signal.alarm(netduel.TIME_LIMIT)
        self.addCleanup(signal.alarm, 0)

        def say(text, awaited):
            os.write(terminal, text.encode())
            seen = ""
            while not re.search(awaited, seen):
                seen += os.read(terminal, 4096).decode()

        say("PS1='> '\n", "\n> ")
        # Its echo must not pass for what it prints.
        say(f"{netduel.COMMAND} lab -- sh -c 'echo rea''dy; read x; echo got $x; exit 5'\n",
            "ready")
        say("\x1a", r"Stopped[\s\S]*> ")
        say("fg\n", "lab")
        say("word\n", "got word[\\s\\S]*> ")
        say("echo status $?\n", "status 5")


class Signals(LabTest):
    HANDLER = ("import signal, sys, time\n"
               "got = []\n"
               "def note(n, _): got.append(n); print('got', n, flush=True)\n"
               "for n in (1, 2, 3, 10, 12): signal.signal(n, note)\n"
               "def end(*_): print(got, flush=True); sys.exit(5)\n"
               "signal.signal(signal.SIGTERM, end)\n"
               "print('ready', flush=True)\n"
               "while True: time.sleep(1000)\n")

    def test_each_is_handed_on_to_the_command(self):
        process = self.start("--", PYTHON, "-c", self.HANDLER)
        for number in (signal.SIGUSR1, signal.SIGUSR2, signal.SIGHUP, signal.SIGQUIT,
                       signal.SIGINT):
            process.send_signal(number)
            self.assertEqual(process.stdout.readline(), f"got {int(number)}\n")
        process.send_signal(signal.SIGTERM)
        stdout, stderr = process.communicate(timeout=10)
        self.assertEqual(stdout, "[10, 12, 1, 3, 2]\n")
        self.assertEqual(process.returncode, 5, stderr)

    def test_one_that_went_to_the_whole_group_comes_once(self):
        process = self.start("--", PYTHON, "-c", self.HANDLER, start_new_session=True)
        os.killpg(process.pid, signal.SIGINT)
        self.assertEqual(process.stdout.readline(), "got 2\n")
        process.send_signal(signal.SIGUSR1)
        self.assertEqual(process.stdout.readline(), "got 10\n")
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.communicate(timeout=10)[0], "[2, 10]\n")

    def test_timeout_signals_twice_what_is_one_request(self):
        script = ("import signal, time\n"
                  "signal.signal(signal.SIGINT, lambda *_: print('got', flush=True))\n"
                  "print('ready', flush=True)\n"
                  "end = time.monotonic() + 3\n"
                  "while time.monotonic() < end: time.sleep(0.1)\n")
        result = subprocess.run(
            ["timeout", "-s", "INT", "1.5", netduel.COMMAND, "lab", "--", PYTHON, "-c", script],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=netduel.TIME_LIMIT)
        self.assertEqual(result.stdout, "ready\ngot\n", result.stderr)

    def test_one_that_ends_the_command_gives_its_status(self):
        process = self.start("--", "sh", "-c", "echo ready; exec sleep 1000")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        self.assertEqual(process.returncode, 143)

    def test_a_second_request_kills_a_command_that_ignored_the_first(self):
        process = self.start("--", "sh", "-c", "trap '' TERM INT; echo ready; exec sleep 1000")
        process.send_signal(signal.SIGTERM)
        with self.assertRaises(subprocess.TimeoutExpired):
            process.wait(timeout=2.2)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
        self.assertEqual(process.returncode, 137)

    def test_one_before_the_command_ends_the_lab(self):
        sleeping = marker()
        process = netduel.start("lab", "--serve", sleeping, "--", "echo", "no")
        self.addCleanup(process.kill)
        self.wait_until(lambda: processes(sleeping))
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)
        self.assertEqual(stdout, "")
        self.assertEqual(process.returncode, 130, stderr)
        self.assertEqual(processes(sleeping), [])


class Served(LabTest):
    def test_its_output_is_marked_on_standard_error(self):
        result = lab("--serve", f"echo out; echo error >&2; printf cut >&2; {SERVER}", "--",
                     "echo", "mine")
        self.assertEqual(result.stdout, "mine\n")
        for line in ("b: out", "b: error", "b: cutup"):
            self.assertIn(line, result.stderr.splitlines())

    def test_the_command_starts_when_it_listens(self):
        result = lab("--serve", f"sleep 1; {SERVER}", "--", PYTHON, "-c",
                     "import socket; socket.create_connection(('b', 7))")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_one_that_fails_gets_a_line_and_the_command_does_not_run(self):
        result = lab("--serve", "echo why >&2; exit 3", "--", "echo", "no")
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.splitlines(), [
            "b: why", "netduel: lab: the served command ended with status 3 before it listened: "
            "echo why >&2; exit 3"])
        self.assertEqual(result.returncode, 1)

    def test_one_that_is_done_before_it_listens_is_no_failure(self):
        result = lab("--serve", "true", "--", "echo", "yes")
        self.assertEqual((result.returncode, result.stdout), (0, "yes\n"), result.stderr)

    def test_a_daemon_is_waited_for(self):
        result = lab("--serve", f"(sleep 1; {SERVER}) & exit 0", "--", PYTHON, "-c",
                     "import socket; socket.create_connection(('b', 7))")
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_it_is_asked_to_end_after_the_command(self):
        server = ("import signal, socket\n"
                  "def end(*_): print(\"bye\", flush=True); exit(0)\n"
                  "signal.signal(signal.SIGTERM, end)\n"
                  "s = socket.create_server((\"\", 7)); s.accept(); s.accept()\n")
        result = lab("--serve", f"exec {PYTHON} -c '{server}'", "--", "true")
        self.assertIn("b: bye", result.stderr.splitlines())
        self.assertEqual(result.returncode, 0)

    def test_one_that_does_not_end_is_killed(self):
        sleeping = marker()
        result = lab("--serve", f"trap '' TERM; {sleeping} & {SERVER}", "--", "sh", "-c", "exit 6")
        self.assertEqual(result.returncode, 6, result.stderr)
        self.assertEqual(processes(sleeping), [])


class Traces(LabTest):
    def test_nothing_is_left_when_it_is_killed(self):
        mine, served, orphan = marker(), marker(), marker()
        process = self.start("--serve", f"{served} & {SERVER}", "--", "sh", "-c",
                             f"{orphan} & echo ready; {mine}; true")
        self.wait_until(lambda: processes(mine) and processes(orphan))
        self.assertTrue(processes(served))
        ours = {os.readlink(link) for link in pathlib.Path("/proc/self/ns").iterdir()}
        namespaces = {os.readlink(f"/proc/{processes(command)[0]}/ns/{kind}")
                      for command in (mine, served) for kind in ("net", "pid", "mnt", "uts")} - ours
        self.assertEqual(len(namespaces), 7)
        process.kill()
        process.wait()
        self.wait_until(lambda: not processes(mine) + processes(served) + processes(orphan))
        self.wait_until(lambda: not users_of(namespaces))

    def test_nothing_is_left_when_it_ends(self):
        mine, served = marker(), marker()
        result = lab("--serve", f"setsid {served} & {SERVER}", "--", "sh", "-c",
                     f"setsid {mine} & exit 0")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(processes(mine) + processes(served), [])

    def test_nothing_is_to_be_seen_outside(self):
        before = outside()
        process = self.start("--serve", SERVER, "--", "sh", "-c", "echo ready; exec sleep 1000")
        self.assertEqual(outside(), before)
        process.kill()
        process.wait()
        self.assertEqual(outside(), before)

    def test_two_at_once_know_nothing_of_each_other(self):
        connect = ("import socket, sys; socket.create_connection((\"b\", 7));"
                   "print(\"ready\", flush=True); sys.stdin.read()")
        labs = [self.start("--serve", SERVER, "--", "sh", "-c",
                           f"{PYTHON} -c '{connect}'; exec sleep 1000") for _ in range(2)]
        for process in labs:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=10)
            self.assertEqual(process.returncode, 143)


class Rights(LabTest):
    def test_an_ordinary_user_has_it_too(self):
        if os.geteuid() != 0:
            self.skipTest("this user is an ordinary one, as all tests here have shown")
        if not shutil.which("setpriv"):
            self.skipTest("setpriv is missing")
        tried = subprocess.run([*NOBODY, "unshare", "-Urn", "true"], capture_output=True, text=True)
        if tried.returncode != 0:
            if os.environ.get("CI"):
                self.fail(tried.stderr)
            self.skipTest(f"user namespaces are not for everybody here: {tried.stderr.strip()}")
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o755)
            command = shutil.copy(netduel.COMMAND, f"{directory}/netduel")
            result = subprocess.run(
                [*NOBODY, command, "lab", "--serve", "hostname; exit 0", "--", "sh", "-c",
                 "hostname; getent hosts b | wc -l; exit 7"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                timeout=netduel.TIME_LIMIT, env=netduel.environment(PATH="/bin:/usr/bin"))
        self.assertEqual(result.stdout, "a\n1\n", result.stderr)
        self.assertIn("b: b\n", result.stderr)
        self.assertEqual(result.returncode, 7, result.stderr)


class Guide(LabTest):
    def path(self, *options):
        """The path as the truth describes it."""
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "truth.json"
            result = lab(*options, "--truth", file, "--", "true")
            self.assertEqual(result.returncode, 0, result.stderr)
            return json.loads(file.read_text())["path"]

    def test_it_tells_what_each_preset_sets(self):
        rows = re.findall(r"^\| `([a-z-]+)` \| `(--.*?)` \|",
                          (netduel.PROJECT / "docs/lab.md").read_text(), re.MULTILINE)
        self.assertEqual(len(rows), 5)
        for name, options in rows:
            with self.subTest(preset=name):
                self.assertEqual(self.path("--preset", name), self.path(*options.split()))


class TruthFile(LabTest):
    def test_it_says_what_the_link_did(self):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory) / "truth.json"
            result = lab("--truth", file, "--serve", SERVER, "--", PYTHON, "-c",
                         "import socket; socket.create_connection(('b', 7))")
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertEqual(json.loads(file.read_text())["schema"], "netduel/truth/1")

    def test_one_that_cannot_be_written_is_told_before_anything_runs(self):
        result = lab("--truth", "/nonexistent/truth.json", "--", "echo", "no")
        self.assertEqual(result.stdout, "")
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        self.assertIn("/nonexistent/truth.json", result.stderr)
        self.assertEqual(result.returncode, 2)


if __name__ == "__main__":
    netduel.main()
