#!/usr/bin/env python3
"""`netduel client` with both ends here, over an emulated path: its figures against the link's."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

import netduel_command as netduel

CHECKS = ["lost_elsewhere_is_the_links", "corrupted_within_the_links"]


def setUpModule():
    probe = netduel.run("lab", "--", "true")
    if probe.returncode != 0 and not os.environ.get("CI"):
        raise unittest.SkipTest(probe.stderr.strip())


class OverALab(unittest.TestCase):
    def document(self, *arguments):
        result = netduel.run("client", "-J", *arguments)
        self.assertEqual(result.returncode, 0, result.stderr)
        found = netduel.document(self, result, schema=False)
        self.assertNotIn("error", found)
        return found

    def document_in_time(self, *arguments):
        """The same of a run in which the lab itself was not late: a busy machine's may be, which
        leaves nothing to hold a ledger against."""
        for _ in range(3):
            found = self.document(*arguments)
            ways = found["netduel"]["truth"]["directions"].values()
            if max(way["latest_seconds"] for way in ways) < 0.25:
                return found
        self.skipTest("this machine is too busy to emulate a path")

    def flow_of(self, found, stream):
        """The link's account of a stream, by its ports."""
        client, server = (stream[f"{end}_port"] for end in ("local", "remote"))
        way, ports = (("a_to_b", (client, server)) if stream["from_client"] else
                      ("b_to_a", (server, client)))
        flows = found["netduel"]["truth"]["directions"][way]["flows"]
        return next(flow for flow in flows if flow["protocol"] == "udp" and
                    tuple(int(flow[end].rsplit(":", 1)[1])
                          for end in ("source", "destination")) == ports)

    def check_streams(self, found, reverse):
        """Each stream lost what its flow lost, and says so in its checks."""
        pairs = list(zip(found["start"]["connected"], found["netduel"]["streams"], strict=True))
        for connected, stream in pairs:
            flow = self.flow_of(found, {**connected, "from_client": stream["sender"]})
            ledger = stream["ledger"]
            self.assertEqual(stream["flow_ordinal"], flow["ordinal"])
            # Beside the messages a flow has the hellos of its stream, or the answers to them.
            others = flow["packets_in"] - ledger["sent"]
            self.assertGreaterEqual(others, 1)
            self.assertLessEqual(others, 8)
            lost = flow["dropped"]["loss"]
            self.assertGreater(lost, 0)
            elsewhere = ledger["lost_elsewhere"]
            self.assertLessEqual(elsewhere["low"], lost)
            self.assertGreaterEqual(elsewhere["high"], lost - others)
            checks = {check["name"]: check["passed"] for check in ledger["checks"]}
            for name in CHECKS:
                self.assertIs(checks.get(name), True, ledger)
            self.assertTrue(all(checks.values()), ledger)
        self.assertEqual([stream["sender"] for _, stream in pairs].count(False), reverse)
        sums = {check["name"]: check["passed"] for check in found["netduel"]["ledger"]["checks"]}
        self.assertIs(sums[CHECKS[0]], True)

    def test_each_streams_ledger_is_the_links_message_for_message(self):
        for seed, more, reverse in ((1, [], 0), (2, ["-R"], 1), (3, ["--bidir"], 1),
                                    (4, ["-P", 2], 0), (5, ["-P", 2, "-R"], 2), (6, ["-6"], 0),
                                    (7, ["--no-offload", "--duplicate", "1%"], 0)):
            with self.subTest(more=more):
                found = self.document_in_time("-u", "-b", "10M", "-l", 500, "-t", 1, "--loss", "2%",
                                              "--delay", "5ms", "--seed", seed, *more)
                self.check_streams(found, reverse)

    def test_the_truth_is_that_of_the_lab_and_goes_into_its_file_too(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "truth.json"
            capture = pathlib.Path(place) / "capture.pcapng"
            found = self.document("-u", "-t", "500ms", "--loss", "1%", "--seed", 8, "--truth", file,
                                  "--pcap", capture)
            truth = json.loads(file.read_text())
            # A section header block (pcapng, section 4.1).
            self.assertEqual(capture.read_bytes()[:4], b"\x0a\x0d\x0d\x0a")
        self.assertEqual(found["netduel"]["truth"], truth)
        self.assertEqual((truth["schema"], truth["seed"]), ("netduel/truth/1", 8))
        flow = truth["directions"]["a_to_b"]["udp"]
        self.assertEqual(flow["packets_in"] + flow["duplicated"],
                         flow["forwarded"] + sum(flow["dropped"].values())
                         + flow["held_at_the_end"])

    def test_the_same_seed_loses_the_same_messages(self):
        lost = {self.document("-u", "-k", 500, "-b", "5M", "--loss", "3%", "--seed", 9)
                ["netduel"]["ledger"]["lost_elsewhere"]["high"] for _ in range(2)}
        self.assertEqual(len(lost), 1, lost)

    def test_delays_are_the_paths_as_both_ends_have_one_clock(self):
        for more in (["-u"], ["-u", "-R"], ["-b", "1M", "-l", 1000], ["--bidir", "-u"]):
            with self.subTest(more=more):
                middle = []
                # A machine that is busy delays too, so that one try of three is enough.
                while len(middle) < 3 and min(middle, default=1) >= 0.030:
                    found = self.document("-t", "500ms", "--delay", "20ms", *more)
                    middle.append(found["netduel"]["delay_seconds"]["p50"])
                self.assertGreaterEqual(min(middle), 0.020)
                self.assertLess(min(middle), 0.030)

    def test_tcp_gets_through_losses(self):
        for more in ([], ["-R"], ["--bidir"], ["--full-duplex"]):
            with self.subTest(more=more):
                found = self.document("-t", 1, "--loss", "1%", "--delay", "10ms", "-b", "5M", *more)
                ledger = found["netduel"]["ledger"]
                self.assertEqual(ledger["sent"], ledger["delivered"] + ledger["unacknowledged"])
                self.assertGreater(found["netduel"]["truth"]["directions"]["a_to_b"]["tcp"]
                                   ["dropped"]["loss"]
                                   + found["netduel"]["truth"]["directions"]["b_to_a"]["tcp"]
                                   ["dropped"]["loss"], 0)

    def test_a_long_queue_is_waited_for(self):
        found = self.document("-u", "-b", "2M", "-t", 3, "--preset", "bufferbloat")
        ledger = found["netduel"]["ledger"]
        self.assertGreater(ledger["delivered"], 0)
        dropped = found["netduel"]["truth"]["directions"]["a_to_b"]["udp"]["dropped"]["queue"]
        self.assertEqual(ledger["lost_elsewhere"], {"low": dropped, "high": dropped})
        self.assertGreater(found["netduel"]["delay_seconds"]["max"], 0.5)

    def test_datagrams_fit_the_path(self):
        for mtu, more, length in ((1500, [], 1472), (1400, [], 1372), (1280, ["-6"], 1232)):
            with self.subTest(mtu=mtu, more=more):
                found = self.document("-u", "-t", "200ms", "--mtu", mtu, *more)
                self.assertEqual(found["start"]["test_start"]["blksize"], length)

    def test_the_text_tells_of_the_path_and_whether_its_account_agrees(self):
        result = netduel.run("client", "-u", "-b", "5M", "-t", "500ms", "--loss", "1%", "--seed", 3)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"over an emulated path \(loss 1 %.*\), seed 3\n")
        self.assertRegex(result.stdout, r"the link itself counted .* dropped.*: the ledger agrees|"
                                        r"link's own count: the emulation was too late")
        self.assertIn("link a to b", result.stderr)
        omitted = netduel.run("client", "-u", "-t", "300ms", "-O", "100ms", "--loss", "1%")
        self.assertRegex(omitted.stdout, r"not held against the link's own count: .*omitted")

    def test_the_script_begins_with_the_test(self):
        found = self.document("-u", "-b", "1M", "-t", 2, "--at", "1s=down", "--at", "2s=up")
        ledger = found["netduel"]["ledger"]
        self.assertAlmostEqual(ledger["delivered"] / ledger["sent"], 0.5, delta=0.2)

    def test_ctrl_c_at_any_time_gives_a_document_and_130(self):
        for after, more in ((0.05, ["--lab"]), (0.3, ["--lab"]), (1, ["--loss", "1%"]),
                            (1, ["--loss", "1%", "-R"]), (1, ["-u", "--loss", "1%", "--bidir"]),
                            (1, ["-u", "-b", 0, "--lab"]), (1, ["--delay", "2s"]),
                            (1, ["--loss", "100%"]), (2, ["--at", "500ms=down"])):
            with self.subTest(after=after, more=more):
                process = netduel.start("client", "-J", "-t", 60, *more)
                try:
                    with self.assertRaises(subprocess.TimeoutExpired):
                        process.communicate(timeout=after)
                    process.send_signal(signal.SIGINT)
                    stdout, stderr = process.communicate(timeout=15)
                finally:
                    process.kill()
                    process.wait()
                if process.returncode == -signal.SIGINT and after < 0.3:
                    continue  # It came before anybody watched for it.
                self.assertEqual(process.returncode, 130, stderr)
                self.assertIs(json.loads(stdout)["netduel"]["interrupted"], True)

    def test_an_ordinary_user_can(self):
        if os.geteuid() != 0:
            self.skipTest("not root, so all of these ran as an ordinary user")
        with tempfile.TemporaryDirectory() as place:
            os.chmod(place, 0o755)
            command = pathlib.Path(place) / "netduel"
            command.write_bytes(pathlib.Path(netduel.COMMAND).read_bytes())
            command.chmod(0o755)
            result = subprocess.run(
                ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", command, "client",
                 "-J", "-u", "-t", "300ms", "--delay", "5ms"],
                stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/",
                timeout=netduel.TIME_LIMIT)
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn("truth", json.loads(result.stdout)["netduel"])


if __name__ == "__main__":
    netduel.main()
