#!/usr/bin/env python3
"""Where the kernel gives no namespaces: one line that names the cause and the remedy."""

import json
import os
import subprocess
import unittest

import netduel_command as netduel

# A user namespace has limits of its own, so that these are nobody else's.
NO_CAPABILITIES = "setpriv --bounding-set=-all --inh-caps=-all"
REFUSALS = {
    "no network namespaces": (
        "echo 0 >/proc/sys/user/max_net_namespaces", "",
        ["user.max_net_namespaces is 0", "sysctl -w user.max_net_namespaces=10000"]),
    "no user namespaces": (
        "echo 0 >/proc/sys/user/max_user_namespaces", NO_CAPABILITIES,
        ["user.max_user_namespaces is 0", "sysctl -w user.max_user_namespaces=10000"]),
    "a container without rights": (
        'mount -t tmpfs none /mnt && mkdir /mnt/root && mount --rbind / /mnt/root',
        f"chroot /mnt/root {NO_CAPABILITIES}",
        ["this process may not", "CAP_SYS_ADMIN", "run netduel as root"]),
}


def refused(before, prefix, *arguments):
    script = f'set -e; {before}; exec {prefix} "$@"'
    return netduel.run(*arguments, prefix=["unshare", "--user", "--map-root-user", "--mount", "sh",
                                           "-c", script, "sh"])


class Refused(unittest.TestCase):
    def setUp(self):
        probe = subprocess.run(["unshare", "--user", "--map-root-user", "--mount", "true"],
                               capture_output=True, text=True)
        if probe.returncode != 0 and not os.environ.get("CI"):
            self.skipTest(probe.stderr.strip())

    def test_a_lab_is_refused_with_one_line(self):
        for name, (before, prefix, texts) in REFUSALS.items():
            with self.subTest(name):
                result = refused(before, prefix, "lab", "--", "echo", "no")
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(result.stdout, "")
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                for text in texts:
                    self.assertIn(text, result.stderr)

    def test_a_comparison_says_so_in_its_document(self):
        for name, (before, prefix, texts) in REFUSALS.items():
            with self.subTest(name):
                result = refused(before, prefix, "compare", "--loss", "1%", "--json")
                self.assertEqual(result.returncode, 1, result.stderr)
                found = netduel.document(self, result)
                self.assertEqual(found["trials"], [])
                for text in texts:
                    self.assertIn(text, found["error"])

    def test_fairness_says_so_in_its_document(self):
        before, prefix, texts = REFUSALS["no user namespaces"]
        result = refused(before, prefix, "fairness", "--bottleneck", "20M", "--json")
        self.assertEqual(result.returncode, 1, result.stderr)
        found = netduel.document(self, result)
        self.assertEqual((found["phases"], found["intervals"]), ([], []))
        self.assertEqual([flow["ledger"] for flow in found["flows"]], 3 * [None])
        for text in texts:
            self.assertIn(text, found["error"])

    def test_a_client_says_so_in_its_document(self):
        for name, (before, prefix, texts) in REFUSALS.items():
            with self.subTest(name):
                result = refused(before, prefix, "client", "--loss", "1%", "-J")
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                error = json.loads(result.stdout)["error"]
                for text in texts:
                    self.assertIn(text, error)

    def test_what_needs_no_lab_goes_on(self):
        before, prefix, _ = REFUSALS["no network namespaces"]
        result = refused(before, prefix, "overhead", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        json.loads(result.stdout)


if __name__ == "__main__":
    netduel.main()
