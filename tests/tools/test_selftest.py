#!/usr/bin/env python3
"""netduel selftest: what it checks on this machine, and what it says where it can't."""

import os
import signal
import subprocess
import time
import unittest

import netduel_command as netduel

LEDGERS = {"ledger_ipv4", "ledger_ipv4_without_offload", "ledger_ipv6", "ledger_ipv6_without_offload"}
NEED_A_LAB = LEDGERS | {"tcp_on_a_bad_link", "integrity_udp", "integrity_tcp", "lab_rate",
                        "lab_delay"}
NEED_NONE = {"overflow_with_gro", "overflow_without_gro", "crc32c", "stamping", "pacing_1m",
             "pacing_50m", "pacing_500m", "offload", "clock"}
# As in test_lab_refused.py: an ordinary user where no user namespaces are allowed.
REFUSED = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
           'echo 0 >/proc/sys/user/max_user_namespaces; '
           'exec setpriv --bounding-set=-all --inh-caps=-all "$@"', "sh"]


class Selftest(unittest.TestCase):
    def check_sums(self, found):
        statuses = [check["status"] for check in found["checks"]]
        for status in ("verified", "failed", "not_verified"):
            self.assertEqual(found[status], statuses.count(status))
        # Later versions may check more.
        self.assertLessEqual(NEED_A_LAB | NEED_NONE, {check["id"] for check in found["checks"]})

    def by_id(self, found):
        return {check["id"]: check for check in found["checks"]}

    def test_nothing_fails_and_what_is_verified_has_its_figures(self):
        begin = time.monotonic()
        result = netduel.run("selftest", "--json", "--seed", 7)
        self.assertLess(time.monotonic() - begin, 40)
        found = netduel.document(self, result)
        self.assertEqual([c for c in found["checks"] if c["status"] == "failed"], [])
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual((found["seed"], found["interrupted"], found["error"]), (7, False, None))
        self.check_sums(found)
        checks = self.by_id(found)
        # These need no processor in time.
        for check in ("overflow_without_gro", "crc32c", "offload", "clock"):
            self.assertEqual(checks[check]["status"], "verified", checks[check])
        for check in LEDGERS:
            if checks[check]["status"] != "verified":
                continue
            figures = checks[check]["figures"]
            self.assertEqual(figures["missing"], figures["link_dropped"])
            self.assertEqual(figures["duplicates"], figures["link_duplicated"])
            self.assertEqual(figures["reordered"], figures["link_reordered"])
            self.assertGreater(figures["missing"], 0)
        integrity = checks["integrity_udp"]
        if integrity["status"] == "verified":
            figures = integrity["figures"]
            self.assertGreater(figures["words_swapped"], 0)
            self.assertEqual(figures["words_swapped"] + figures["missing"],
                             figures["link_corrupted"])
        overflow = checks["overflow_without_gro"]["figures"]
        self.assertEqual(overflow["lost_in_host_low"], overflow["missing"])
        self.assertGreaterEqual(overflow["host_receive_buffer_errors"], overflow["missing"])

    def test_without_namespaces_all_else_is_checked(self):
        probe = subprocess.run([*REFUSED, "true"], capture_output=True, text=True)
        if probe.returncode != 0 and not os.environ.get("CI"):
            self.skipTest(probe.stderr.strip())
        result = netduel.run("selftest", prefix=REFUSED)
        self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
        *lines, summary = result.stdout.splitlines()
        refused = [line for line in lines if "user.max_user_namespaces is 0" in line]
        self.assertEqual(len(refused), len(NEED_A_LAB), result.stdout)
        for line in refused:
            self.assertRegex(line, "^not verified  .*: not verified here, because .*sysctl -w")
        verified = [line for line in lines if line.startswith("verified  ")]
        self.assertGreaterEqual(len(verified), 3, result.stdout)
        self.assertIn(f"{len(verified)} verified, 0 failed", summary)

    def test_an_interrupted_run_says_what_it_did_not_check(self):
        process = netduel.start("selftest", "--json")
        try:
            time.sleep(1)
            process.send_signal(signal.SIGINT)
            stdout, stderr = process.communicate(timeout=10)
        finally:
            process.kill()
            process.wait()
        result = subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)
        self.assertEqual(result.returncode, 130, stderr)
        found = netduel.document(self, result)
        self.assertIs(found["interrupted"], True)
        self.check_sums(found)
        last = found["checks"][-1]
        self.assertEqual((last["status"], last["because"]),
                         ("not_verified", "the run was interrupted"))

    def test_a_seed_that_is_none_is_refused(self):
        result = netduel.run("selftest", "--seed", "many")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("--seed many", result.stderr)
        self.assertIn("whole number", result.stderr)


if __name__ == "__main__":
    netduel.main()
