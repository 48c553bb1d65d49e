"""Programs started in a network, on chosen processors, with what they cost when they have ended."""

import ctypes
import os
import select
import signal
import subprocess
import sys
import tempfile
import time

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failed(Exception):
    """A program did not do what it was to do; the text says which and why."""


class Process:
    """One program. Killed when the `with` block ends or this bench does, whatever ends it."""

    def __init__(self, command, network, processors, handles=()):
        self.command = [str(word) for word in command]
        self._output = tempfile.TemporaryFile()
        self._errors = tempfile.TemporaryFile()
        self.cpu_seconds = None
        self.status = None

        def prepare():
            network.enter()
            os.sched_setaffinity(0, processors)
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

        self._pid = subprocess.Popen(
            self.command, stdin=subprocess.DEVNULL, stdout=self._output, stderr=self._errors,
            preexec_fn=prepare, pass_fds=handles)

    @property
    def pid(self):
        return self._pid.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.status is None:
            self.stop(signal.SIGKILL)
        self._output.close()
        self._errors.close()

    def stop(self, number=signal.SIGTERM):
        """Sends a signal and waits for the end."""
        if self.status is None:
            os.kill(self._pid.pid, number)
            self.wait(10)

    def wait(self, seconds):
        """Waits for the end, and takes the CPU time of user and system."""
        if self.status is not None:
            return
        handle = os.pidfd_open(self._pid.pid)
        try:
            poll = select.poll()
            poll.register(handle, select.POLLIN)
            if not poll.poll(seconds * 1000):
                raise Failed(f"{self.command[0]}: no end after {seconds:g} s")
        finally:
            os.close(handle)
        _, status, usage = os.wait4(self._pid.pid, 0)
        self.status = os.waitstatus_to_exitcode(status)
        self._pid.returncode = self.status  # Popen needs not wait for it any more.
        self.cpu_seconds = usage.ru_utime + usage.ru_stime

    def output(self):
        return self._text(self._output)

    def finished(self, seconds):
        """The output of a program that ended well."""
        self.wait(seconds)
        if self.status != 0:
            raise Failed(f"{' '.join(self.command)}: status {self.status}: "
                         f"{self._text(self._errors).strip() or self.output().strip()}")
        return self.output()

    @staticmethod
    def _text(file):
        file.seek(0)
        return file.read().decode(errors="replace")


def wait_until(condition, what, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise Failed(f"{what}: not after {seconds} s")
        time.sleep(0.01)


def end_on_signals():
    """A signal ends the bench as an exception, so that what it started ends too."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(130))
