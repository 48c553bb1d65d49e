#!/usr/bin/env python3
"""`netduel multicast demo`: the four patterns, told as they were, with networks and without."""

import os
import re
import subprocess
import unittest

import netduel_command as netduel

PATTERNS = ["one-to-one", "one-to-many", "many-to-one", "many-to-many"]
# As in test_lab_refused.py: an ordinary user where no user namespaces are allowed.
REFUSED = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
           'echo 0 >/proc/sys/user/max_user_namespaces; '
           'exec setpriv --bounding-set=-all --inh-caps=-all "$@"', "sh"]


def lost(one):
    """By the link of a sender, or of a receiver of one stream."""
    return (one if "link" in one else one["streams"][0])["link"]["dropped"]


class Demo(unittest.TestCase):
    def test_a_wrong_call_is_one_line_and_status_2(self):
        for arguments, named in [(["--receivers", "1"], "2 to 32"), (["--receivers", "33"], "2 to 32"),
                                 (["--receivers", "many"], "2 to 32"), (["--seed", "x"], "--seed")]:
            with self.subTest(arguments=arguments):
                result = netduel.run("multicast", "demo", *arguments)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(named, result.stderr)
                self.assertEqual(result.stdout, "")

    def test_each_count_is_what_the_links_let_through(self):
        # Beside it, as both of them mostly wait.
        in_words = netduel.start("multicast", "demo", "--receivers", "2", "--seed", "3")
        self.addCleanup(in_words.kill)
        result = netduel.run("multicast", "demo", "--receivers", "3", "--seed", "3", "--json")
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result)
        if not found["plan"]["lab"] and not os.environ.get("CI"):
            self.skipTest(found["warnings"][0]["text"])
        self.assertEqual([one["name"] for one in found["patterns"]], PATTERNS)
        self.assertEqual([one["tcp_connections"] for one in found["patterns"]], [1, 3, 3, 6])
        for pattern in found["patterns"]:
            senders = {one["name"]: one for one in pattern["senders"]}
            for receiver in pattern["receivers"]:
                for stream in receiver["streams"]:
                    sender = senders[stream["from"]]
                    self.assertEqual(sender["link"]["packets_in"], sender["sent"])
                    self.assertTrue(stream["agrees_with_link"], (pattern["name"], receiver["name"]))
                    ledger = stream["ledger"]
                    self.assertEqual(ledger["sent"] - ledger["delivered"],
                                     sender["link"]["dropped"] + stream["link"]["dropped"]
                                     + stream["unread"])
        # However busy the machine is: with other numbers the seed's losses would be others.
        self.assertEqual([one["senders"][0]["sent"] for one in found["patterns"]], [400, 400, 160, 160])
        many = found["patterns"][1]
        self.assertGreaterEqual(many["loss_map"]["all"]["lost_by_all"],
                                many["senders"][0]["link"]["dropped"])
        self.assertTrue(netduel.is_refused(found, ["patterns", 0, "name"], "few-to-few"))
        self.assertTrue(netduel.is_refused(found, ["patterns", 0, "senders", 0, "link", "dropped"], -1))

        self.check_in_words(in_words, found)

    def check_in_words(self, process, other):
        """In words, with the seed of another demo that had a receiver more."""
        text, errors = process.communicate(timeout=netduel.TIME_LIMIT)
        self.assertEqual(process.returncode, 0, errors)
        one, many = other["patterns"][:2]
        for line in ["One to one: a sent 400 messages to h1, which got",
                     f"a's link lost {lost(one['senders'][0])}, and h1's {lost(one['receivers'][0])}.",
                     "One to many: a sent 400 messages to the group",
                     f"a's link carried 400 packets for 2 receivers, and lost {lost(many['senders'][0])}.",
                     "Many to one: h1 and h2 sent to a", "Many to many: h1 and h2 sent to"]:
            self.assertIn(line, text)
        self.assertRegex(text, "its link lost +{} +{}\n".format(*map(lost, many["receivers"][:2])))
        # Two receivers that lose some 6 % each: a message or two met both, and a's link is not to blame.
        found = re.search(r"Lost by all: (\d+) \(a's link lost (\d+); about \d+ by chance", text)
        self.assertTrue(found, text)
        self.assertGreater(int(found[1]), int(found[2]))

    def test_without_networks_it_goes_over_loopback_and_says_so(self):
        probe = subprocess.run([*REFUSED, "true"], capture_output=True, text=True)
        if probe.returncode != 0 and not os.environ.get("CI"):
            self.skipTest(probe.stderr.strip())
        result = netduel.run("multicast", "demo", "--receivers", "2", "--json", prefix=REFUSED)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result)
        self.assertFalse(found["plan"]["lab"])
        self.assertEqual(found["warnings"][0]["id"], "no_lab")
        self.assertEqual([one["name"] for one in found["patterns"]], PATTERNS)
        for pattern in found["patterns"]:
            for receiver in pattern["receivers"]:
                self.assertEqual(len(receiver["streams"]), len(pattern["senders"]))
                for stream in receiver["streams"]:
                    self.assertIsNone(stream["agrees_with_link"])
                    ledger = stream["ledger"]
                    self.assertEqual(ledger["delivered"] + ledger["lost_in_host"]["low"], ledger["sent"])


if __name__ == "__main__":
    netduel.main()
