"""What the tests of the command share: running it, reading its JSON, skipping honestly."""

import copy
import json
import os
import pathlib
import subprocess
import sys
import unittest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
NAMESPACE = PROJECT / "tests/netns/run"
SCHEMA = PROJECT / "docs/results.schema.json"
COMMAND = os.environ.get("NETDUEL", str(PROJECT / "build/release/bin/netduel"))

# No test may hang: what the command does here ends within seconds.
TIME_LIMIT = 60


def environment(**changes):
    """This process's environment without what would change the output."""
    kept = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "NETDUEL")}
    return {**kept, **changes}


def run(*arguments, prefix=(), **options):
    """Runs `netduel ARGUMENTS` to its end and returns stdout, stderr and returncode."""
    options.setdefault("env", environment())
    return subprocess.run(
        [*map(str, prefix), COMMAND, *map(str, arguments)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIME_LIMIT, **options)


def start(*arguments, **options):
    """Starts `netduel ARGUMENTS`; stdout and stderr are pipes unless told otherwise."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen(
        [COMMAND, *map(str, arguments)], stdin=subprocess.DEVNULL, text=True, env=environment(),
        **options)


def run_in_namespace(script, *arguments):
    """Runs `netduel ARGUMENTS` after `script` in a network namespace of its own."""
    prefix = [NAMESPACE, "-t", TIME_LIMIT - 10, "bash", "-c",
              f'set -e; {script}\nexec "$@"', "netduel"]
    result = run(*arguments, prefix=prefix)
    if result.returncode == 77:
        raise unittest.SkipTest(result.stderr.strip())
    return result


def document(test, result, schema=True):
    """The one JSON document on stdout, valid by docs/results.schema.json."""
    try:
        found = json.loads(result.stdout)
    except json.JSONDecodeError as error:
        test.fail(f"stdout is not one JSON document ({error}):\n{result.stdout}\n{result.stderr}")
    return check(test, found) if schema else found


def check(test, found):
    """A document that is valid by docs/results.schema.json."""
    import jsonschema
    errors = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).iter_errors(found)
    complaints = [f"{error.json_path}: {error.message}" for error in errors]
    test.assertEqual(complaints, [])
    return found


def is_refused(found, path, value):
    """Whether docs/results.schema.json refuses a document with that value at that path."""
    import jsonschema
    wrong = copy.deepcopy(found)
    place = wrong
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return not jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).is_valid(wrong)


def ledgers(found):
    """Every (name, ledger) of a document: of each trial, and of each part's transport."""
    for number, trial in enumerate(found["trials"]):
        yield f"trials[{number}] {trial['transport']}", trial["ledger"]
    for name, part in found["parts"].items():
        for transport in ("udp", "tcp"):
            if part and part.get(transport):
                yield f"parts.{name}.{transport}", part[transport]["ledger"]


def main():
    """Runs the calling file's tests. Status 77 when nothing could run here, as ctest knows it."""
    program = unittest.main(module="__main__", exit=False, verbosity=2)
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.testsRun > 0 and len(result.skipped) == result.testsRun:
        sys.exit(77)
    sys.exit(0 if result.testsRun > 0 else 1)
