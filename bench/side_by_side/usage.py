"""What all benches ask of their arguments: one line that tells what is wrong, and status 2."""

import argparse
import atexit
import os
import pathlib
import sys


class Parser(argparse.ArgumentParser):
    """Options alone; what can't be used is told in one line instead of with the whole usage."""

    def __init__(self, prog, description):
        super().__init__(prog=prog, description=description, allow_abbrev=False,
                         formatter_class=argparse.RawDescriptionHelpFormatter)

    def parse_args(self, args=None, namespace=None):
        options, unknown = self.parse_known_args(args, namespace)
        if unknown:
            known = sorted(name for action in self._actions if action.help != argparse.SUPPRESS
                           for name in action.option_strings if name.startswith("--"))
            self.error(f"no argument {unknown[0]}: there are {', '.join(known)}")
        return options

    def error(self, message):
        print(f"{self.prog}: {message}", file=sys.stderr)
        sys.exit(2)

    def chosen(self, option, text, known):
        """Those of the known names that the text lists with commas between, in the known order."""
        there_are = f"there are {', '.join(known)}, with commas between"
        names = text.split(",")
        if not all(names):
            self.error(f"{option} '{text}' leaves a name out: {there_are}")
        for name in names:
            if name not in known:
                self.error(f"no {option[2:].rstrip('s')} {name}: {there_are}")
        return [name for name in known if name in names]

    def program(self, option, path, remedy="cmake --preset release && cmake --build build/release "
                                           "makes the one that is measured without this option"):
        """Refuses what is no program."""
        if not (os.path.isfile(path) and os.access(path, os.X_OK)):
            self.error(f"{option}: no program {path}; {remedy}")

    def output(self, option, path):
        """A file to write to, opened now, so that a run isn't lost for a mistyped name."""
        if path is None:
            return None
        try:
            return Output(self.prog, path)
        except OSError as error:
            self.error(f"{option}: can't write {path}: {error.strerror}; name a file in a "
                       "directory that you may write to")


class Output:
    """What the file held stays there until there is something to put in its place."""

    def __init__(self, prog, path):
        self._prog = prog
        self._path = pathlib.Path(path)
        self._is_new = not self._path.exists()
        self._file = self._path.open("a", encoding="utf-8")
        atexit.register(self._remove_unused)

    def write(self, text):
        try:
            if self._path.is_file():
                self._file.truncate(0)
            self._file.write(text)
            self._file.close()
        except OSError as error:
            print(text)
            print(f"{self._prog}: can't write {self._path}: {error.strerror}; what it was to hold "
                  "is on standard output", file=sys.stderr)
            sys.exit(1)

    def _remove_unused(self):
        if self._is_new and self._path.is_file() and self._path.stat().st_size == 0:
            self._path.unlink()


def whole(least):
    """A type of option: a whole number from `least` on."""
    def read(text):
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"'{text}' is no whole number from {least} on")
        return int(text)
    return read


def whole_seconds(text):
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(
            f"'{text}' is no number of whole seconds from 1 on (iperf3 takes no fractions: it "
            "reads 0.3 as 0, which has no end)")
    return int(text)


def seconds(text):
    try:
        number = float(text)
    except ValueError:
        number = 0
    if not 0 < number < 1e6:
        raise argparse.ArgumentTypeError(f"'{text}' is no number of seconds above 0, like 5 or 0.5")
    return number
