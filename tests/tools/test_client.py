#!/usr/bin/env python3
"""netduel client speaks iperf3's options and ends with what it saw, whatever went wrong."""

import json
import re
import signal
import socket
import tempfile
import unittest

import netduel_command as netduel

# Arguments, what the line must name, and a pattern of the hint beside it.
WRONG = [
    (["--nonsense"], "--nonsense", r"--help"),
    (["-p", "65536"], "65536", r"65535"),
    (["-p", "0"], "0", r"65535"),
    (["-t", "-1"], "-1", r"500ms"),
    (["-t", "86401"], "86401", r"86400"),
    (["-t", "5", "-n", "1M"], "-n", r"one"),
    (["-n", "0"], "--bytes", r"64K"),
    (["-k", "many"], "many", r"1000"),
    (["-b", "fast"], "fast", r"10M"),
    (["-b", "10M/0"], "0", r"1000"),
    (["-b", "2T"], "2T", r"1T"),
    (["-u", "-l", "15"], "15", r"\b16\b"),
    (["-u", "-l", "65508"], "65508", r"65507"),
    (["-l", "2M"], "2M", r"1048576"),
    (["-P", "0"], "--parallel", r"128"),
    (["-P", "129"], "129", r"128"),
    (["-O", "601"], "601", r"600"),
    (["-i", "0.01"], "0.01", r"0\.1"),
    (["-f", "x"], "--format", r"k m g t"),
    (["-S", "256"], "256", r"255"),
    (["--dscp", "gold"], "gold", r"ef"),
    (["-S", "4", "--dscp", "ef"], "--dscp", r"one"),
    (["-M", "10"], "--set-mss", r"9216"),
    (["-w", "1G"], "1G", r"512M"),
    (["-C", "wishful"], "wishful", r"\b(cubic|reno|bbr)\b"),
    (["-A", "first"], "first", r"number"),
    (["--rcv-timeout", "5"], "--rcv-timeout", r"3s"),
    (["--fq-rate", "1"], "--fq-rate", r"10M"),
    (["-b", "max-lossless"], "max-lossless", r"-u"),
    (["-u", "-b", "max-lossless", "-n", "1M"], "max-lossless", r"-t"),
    (["-u", "-b", "max-lossless", "-k", "10"], "max-lossless", r"-t"),
    (["-u", "-b", "max-lossless", "-t", "0"], "max-lossless", r"-t 10"),
    (["-u", "-b", "max-lossless/10"], "max-lossless/10", r"10M/100"),
    (["-R", "--bidir"], "--bidir", r"one"),
    (["-u", "--full-duplex"], "--full-duplex", r"TCP"),
    (["-u", "-N"], "--no-delay", r"TCP"),
    (["--udp-counters-64bit"], "--udp-counters-64bit", r"-u"),
    (["-4", "-6"], "-6", r"one"),
    (["--seed", "weed"], "weed", r"number"),
    # A host is at the end of a path of its own.
    (["--loss", "1%"], "--loss", r"HOST"),
    (["--up-delay", "5ms"], "--up-delay", r"HOST"),
    (["--preset", "lte"], "--preset", r"HOST"),
    (["--lab"], "--lab", r"HOST"),
    (["--at", "1s=down"], "--at", r"HOST"),
    (["--mtu", "1400"], "--mtu", r"HOST"),
    (["--truth", "file"], "--truth", r"HOST"),
    (["--pcap", "file"], "--pcap", r"HOST"),
    # What iperf3 has and netduel has not.
    (["--sctp"], "--sctp", r"-u"),
    (["--nstreams", "4"], "--nstreams", r"TCP"),
    (["-F", "file"], "--file", r"random"),
    (["-L", "7"], "--flowlabel", r"--dscp"),
    (["--username", "me"], "--username", r"tunnel"),
    (["--rsa-public-key-path=key"], "--rsa-public-key-path", r"tunnel"),
    (["-I", "file"], "--pidfile", r"shell"),
    (["--forceflush"], "--forceflush", r"leave it out"),
    (["-d"], "--debug", r"-V"),
    # What a server has.
    (["-1"], "--one-off", r"server's; leave it out"),
    (["-D"], "--daemon", r"server's"),
    (["--idle-timeout", "5"], "--idle-timeout", r"server's; --rcv-timeout"),
    (["--server-bitrate-limit", "1M"], "--server-bitrate-limit", r"server's; -b"),
    (["--server-max-duration=5"], "--server-max-duration", r"server's; -t"),
    (["--rsa-private-key-path", "key"], "--rsa-private-key-path", r"tunnel"),
    (["--authorized-users-path", "file"], "--authorized-users-path", r"tunnel"),
    (["--time-skew-threshold", "5"], "--time-skew-threshold", r"tunnel"),
    # The next argument is no value of theirs.
    (["--logfile=", "--get-server-output"], "--logfile=", r"value is missing"),
    (["--title=", "-u"], "--title=", r"value is missing"),
    (["--logfile", ""], "--logfile", r"standard output"),
]

# iperf3's calls of a client to 127.0.0.1, with PORT in the place of the port.
IPERF3S = [
    ["-c", "127.0.0.1", "-p", "PORT"],
    ["-p", "PORT", "--client", "127.0.0.1"],
    ["-c127.0.0.1", "-pPORT"],
    ["--client=127.0.0.1", "--port=PORT"],
    ["-up", "PORT", "-b1M", "-c", "127.0.0.1"],
    ["-ub", "1M", "-Rc", "127.0.0.1", "-p", "PORT"],
    ["-p", "PORT", "-NRc127.0.0.1"],
    # What is behind an option with a value is its value.
    ["-T", "-s", "-c127.0.0.1", "-p", "PORT"],
    # The last of each.
    ["-c", "192.0.2.1", "-p", "1", "-c", "127.0.0.1", "-p", "PORT"],
]

QUICK = ("-t", "200ms", "-i", "0.1")


def unused_port():
    """A port on loopback where nobody listens, as nobody else gets it soon."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Client(unittest.TestCase):
    def test_a_wrong_argument_gives_one_line_with_a_hint_and_status_2(self):
        for arguments, named, hint in WRONG:
            with self.subTest(arguments=" ".join(arguments)):
                result = netduel.run("client", "127.0.0.1", *arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""), result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                self.assertIn(named, result.stderr)
                self.assertRegex(result.stderr.replace(named, "", 1), re.compile(hint, re.I))

    def test_iperf3s_call_is_the_same_command(self):
        port = unused_port()
        for arguments in IPERF3S:
            with self.subTest(arguments=arguments):
                result = netduel.run(*(word.replace("PORT", str(port)) for word in arguments))
                self.assertEqual(result.returncode, 1, result.stderr)
                self.assertEqual(result.stderr,
                                 f"netduel: connect to 127.0.0.1:{port}: Connection refused\n")
                if arguments[0] == "-T":
                    self.assertTrue(result.stdout.startswith("-s:  "), result.stdout)
        for arguments in (["-c"], ["-uc"], ["-c", "-u"], ["--client"]):
            with self.subTest(arguments=arguments):
                result = netduel.run(*arguments)
                self.assertEqual((result.returncode, result.stdout), (2, ""))
                self.assertRegex(result.stderr, r"^netduel: -c: .*HOST.*\n$")
        result = netduel.run("-s", "-c", "127.0.0.1")
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, r"^netduel: -s -c: .*one of them\n$")

    def test_of_a_repeated_option_the_last_one_holds(self):
        result = netduel.run("client", "-J", "-J", "-R", "-R", "-k", "7", "-k", "9", "-P", "0",
                             "-P", "2", "-l", "1K", "-l", "2K", "--title=a", "--title=b")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        found = netduel.document(self, result)
        start = found["start"]["test_start"]
        self.assertEqual([start[key] for key in ("blocks", "num_streams", "blksize", "reverse")],
                         [9, 2, 2048, 1])
        self.assertEqual(found["title"], "b")

    def test_a_call_that_comes_to_no_test_gives_json_where_it_was_asked_for(self):
        for status, arguments, why in [
                (2, ["client", "-J", "-t", "-1"], "--time -1"),
                (2, ["client", "--nonsense", "--json"], "--nonsense"),
                (2, ["client", "host", "--loss=1%", "-uJ"], "--loss"),
                (2, ["-uJc", "host", "-P", "0"], "--parallel 0"),
                (2, ["-c", "-J"], "HOST"),
                (2, ["client", "-J", "--logfile="], "--logfile="),
                (2, ["client", "-J", "-A", "1023"], "--affinity 1023"),
                (1, ["client", "-J", "--logfile", "/nowhere/at/all"], "/nowhere/at/all")]:
            with self.subTest(arguments=arguments):
                result = netduel.run(*arguments)
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
                error = netduel.document(self, result)["error"]
                self.assertIn(why, error)
                self.assertEqual(result.stderr, f"netduel: {error}\n")
                result = netduel.run(*arguments, "--json-stream")
                self.assertEqual(result.returncode, status, result.stderr)
                self.assertEqual(json.loads(result.stdout), {"event": "error", "data": error})
        # Here it is a title.
        result = netduel.run("client", "-T", "-J", "-t", "-1")
        self.assertEqual((result.returncode, result.stdout), (2, ""))

    def test_without_a_host_its_own_server_listens_on_the_port_that_is_given(self):
        port = unused_port()
        result = netduel.run("client", "-p", port, *QUICK)
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertIn(f"127.0.0.1, port {port}\n", result.stdout)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            taken = other.getsockname()[1]
            result = netduel.run("client", "-p", taken, *QUICK)
        self.assertEqual(result.returncode, 1)
        self.assertRegex(result.stderr, rf"^netduel: .*{taken}.*\n$")

    def test_a_reader_that_goes_away_ends_the_test(self):
        for more in ([], ["--json-stream"]):
            with self.subTest(more=more):
                process = netduel.start("client", "-t", "0", "-i", "0.1", *more)
                try:
                    process.stdout.readline()
                    process.stdout.close()
                    process.wait(timeout=10)
                    self.assertEqual(process.returncode, 1)
                    self.assertEqual(process.stderr.read(),
                                     "netduel: could not write to standard output\n")
                finally:
                    process.kill()
                    process.wait()
                    process.stderr.close()

    def test_a_refused_connection_is_one_line_and_valid_json(self):
        port = unused_port()
        text = netduel.run("client", "127.0.0.1", "-p", port)
        self.assertEqual(text.returncode, 1)
        self.assertEqual(text.stderr.count("\n"), 1, text.stderr)
        self.assertIn("refused", text.stderr)
        result = netduel.run("client", "127.0.0.1", "-p", port, "-J")
        self.assertEqual(result.returncode, 1)
        self.assertIn("refused", netduel.document(self, result)["error"])

    def test_a_name_is_tried_by_each_of_its_addresses(self):
        with tempfile.NamedTemporaryFile("w") as hosts:
            hosts.write("::1 twice\n127.0.0.1 twice\n")
            hosts.flush()
            # The server's first line says that it listens.
            script = (f"set -e; mount --bind {hosts.name} /etc/hosts; exec 3< <({netduel.COMMAND} "
                      'server $1); read -r line <&3; shift; exec "$@"')
            for version, address in (("-4", "127.0.0.1"), ("-6", "::1")):
                for options in ([], ["-u", "-b", "10M"], ["-B", address]):
                    with self.subTest(address=address, options=options):
                        result = netduel.run(
                            "client", "twice", *QUICK, *options,
                            prefix=[netduel.NAMESPACE, "-t", 30, "unshare", "--mount", "bash", "-c",
                                    script, "netduel", version])
                        if result.returncode == 77:
                            self.skipTest(result.stderr.strip())
                        self.assertEqual((result.returncode, result.stderr), (0, ""))
                        self.assertIn(f"connected to {address} port 5201", result.stdout)

    def test_an_unknown_host_is_one_line_and_valid_json(self):
        for more in ([], ["-J"]):
            result = netduel.run("client", "nowhere.invalid", *more)
            self.assertEqual(result.returncode, 1)
            self.assertEqual(result.stderr.count("\n"), 1, result.stderr)
            self.assertIn("nowhere.invalid", result.stderr)
        found = netduel.document(self, result)
        self.assertIn("nowhere.invalid", found["error"])

    def test_a_failed_test_streams_an_error_as_lines_of_json(self):
        result = netduel.run("client", "127.0.0.1", "-p", unused_port(), "--json-stream")
        self.assertEqual(result.returncode, 1)
        events = [json.loads(line)["event"] for line in result.stdout.splitlines()]
        self.assertIn("error", events)

    def test_without_a_host_both_ends_run_here(self):
        for arguments in ([], ["-R"], ["--bidir"], ["--full-duplex"], ["-P", "3"], ["-6"],
                          ["-u", "-b", "20M"], ["-u", "-b", "20M", "-R"],
                          ["-u", "-b", "5M", "--bidir", "-P", "2"], ["-Z"]):
            with self.subTest(arguments=arguments):
                result = netduel.run("client", *QUICK, *arguments)
                self.assertEqual((result.returncode, result.stderr), (0, ""), result.stdout)
                self.assertRegex(result.stdout, r"Both ends run here, IPv[46] over loopback, seed")
                self.assertRegex(result.stdout, r"Connecting to host (127\.0\.0\.1|::1), port")
                self.assertRegex(result.stdout, r"0\.00-0\.\d\d +sec")
                self.assertRegex(result.stdout, r"bits/sec.* sender\n")
                self.assertRegex(result.stdout, r"bits/sec.* receiver\n")
                self.assertEqual("[SUM]" in result.stdout, "-P" in arguments)
                self.assertEqual("[TX-C]" in result.stdout,
                                 "--bidir" in arguments or "--full-duplex" in arguments)

    def test_udp_tells_where_every_datagram_ended_up(self):
        result = netduel.run("client", "-u", "-b", "10M", *QUICK)
        self.assertEqual(result.returncode, 0, result.stderr)
        numbers = re.search(r"([\d ]+) messages offered = ([\d ]+) refused \+ ([\d ]+) sent; "
                            r"sent = ([\d ]+) delivered \+ ([\d ]+) lost in the receiving host "
                            r"\+ ([\d ]+) lost elsewhere", result.stdout)
        self.assertIsNotNone(numbers, result.stdout)
        offered, refused, sent, delivered, here, elsewhere = (
            int(number.replace(" ", "")) for number in numbers.groups())
        self.assertGreater(offered, 0)
        self.assertEqual(offered, refused + sent)
        self.assertEqual(sent, delivered + here + elsewhere)

    def test_udps_default_rate_is_named_as_iperf3s(self):
        result = netduel.run("client", "-u", *QUICK)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stderr, r"1 Mbit/s, iperf3's default.*-b")

    def test_a_count_ends_a_test(self):
        for arguments in (["-k", "100"], ["-n", "1M"], ["-k", "100", "-R"]):
            with self.subTest(arguments=arguments):
                result = netduel.run("client", *arguments)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertIn("receiver", result.stdout)

    def test_with_json_nothing_else_is_on_stdout(self):
        for arguments in ([], ["-R"], ["--bidir", "-P", "2"], ["-Z"], ["-O", "100ms"],
                          ["-u", "-b", "10M"], ["-u", "-b", "10M", "-R"], ["-u", "-b", "5M", "--bidir"]):
            with self.subTest(arguments=arguments):
                result = netduel.run("client", "-J", *QUICK, *arguments)
                self.assertEqual((result.returncode, result.stderr), (0, ""))
                found = netduel.document(self, result)
                self.assertNotIn("error", found)
                self.assertEqual(found["netduel"]["schema"], "netduel/test/1")
                self.assertIs(found["netduel"]["clock"]["same_host"], True)
                if "-Z" not in arguments:
                    self.assertGreater(found["netduel"]["delay_seconds"]["p50"], 0)
                    self.assertEqual(found["netduel"]["delay_bound_seconds"], 0)

    def test_the_text_has_the_delay_and_with_more_words_the_clocks(self):
        result = netduel.run("client", "-u", "-b", "10M", "-V", *QUICK)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertRegex(result.stdout, r"Delay to the server.*p50 [\d.]+ [mun]?s, p99 .*, max ")
        self.assertRegex(result.stdout, r"Clocks: the server's is .*; \d+ exchanges, shortest round")
        result = netduel.run("client", "-u", "-b", "10M", "-R", *QUICK)
        self.assertRegex(result.stdout, r"Delay from the server")
        self.assertNotIn("Clocks", result.stdout)

    def test_the_text_and_the_document_warn_of_the_same(self):
        # The system grants no such buffer.
        call = ("client", "-u", "-b", "10M", "-w", "512M", *QUICK)
        text = netduel.run(*call)
        found = netduel.document(self, netduel.run(*call, "-J"))
        cut = [warning["text"] for warning in found["netduel"]["warnings"]
               if warning["id"] == "buffer_granted_smaller"]
        if not cut:
            self.skipTest("the system grants buffers of 512 MiB")
        self.assertIn(f"warning: {cut[0]}\n", text.stdout)

    def test_units_title_and_log_file_are_as_asked_for(self):
        with tempfile.NamedTemporaryFile("r") as log:
            result = netduel.run("client", *QUICK, "-f", "K", "-T", "hello", "--logfile", log.name)
            self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
            lines = log.read().splitlines()
        self.assertTrue(all(line.startswith("hello:  ") for line in lines), lines)
        self.assertTrue(any(" KBytes/sec" in line for line in lines), lines)

    def test_ctrl_c_ends_the_test_and_what_was_measured_is_printed(self):
        for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143),
                               (signal.SIGHUP, 129)):
            with self.subTest(signal=number.name):
                process = netduel.start("client", "-t", "60", "-i", "0.1")
                try:
                    # The first interval shows that the test runs.
                    seen = ""
                    while "0.00-0." not in seen:
                        line = process.stdout.readline()
                        self.assertNotEqual(line, "", seen)
                        seen += line
                    process.send_signal(number)
                    stdout, stderr = process.communicate(timeout=10)
                finally:
                    process.kill()
                    process.wait()
                self.assertEqual(process.returncode, status, stderr)
                self.assertIn("receiver", stdout)
                self.assertIn("Interrupted", stdout)


if __name__ == "__main__":
    netduel.main()
