#!/usr/bin/env python3
"""netduel multicast receive: what it tells of streams, and of their absence."""

import signal
import socket
import unittest

import group_stream
import netduel_command as netduel


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        asked.bind(("", 0))
        return asked.getsockname()[1]


class MulticastReceive(unittest.TestCase):
    def setUp(self):
        self.port = free_port()

    def start(self, group, *options, receivers=1):
        """Returns once all receivers have joined the group."""
        running = netduel.start("multicast", "receive", f"{group}:{self.port}", "-I", "lo",
                                "--receivers", str(receivers), *options)
        self.addCleanup(running.stdout.close)
        self.addCleanup(running.stderr.close)
        self.addCleanup(running.kill)
        self.wait_for_members(group, receivers)
        return running

    def wait_for_members(self, group, count):
        listed = f"{int.from_bytes(socket.inet_aton(group), 'little'):08X}"
        for _ in range(netduel.TIME_LIMIT * 100):
            with open("/proc/net/igmp") as kernels:
                lines = [line.split() for line in kernels]
            if any(line[0] == listed and int(line[1]) >= count for line in lines):
                return
            group_stream.time.sleep(0.01)
        self.fail(f"{group} is not joined {count} times")

    def sender(self, group, **options):
        made = group_stream.Sender(group, self.port, **options)
        self.addCleanup(made.close)
        return made

    def finish(self, running):
        out, err = running.communicate(timeout=netduel.TIME_LIMIT)
        self.assertEqual(running.returncode, 0, err)
        return out

    def finish_json(self, running):
        result = netduel.subprocess.CompletedProcess((), 0, self.finish(running), "")
        return netduel.document(self, result)

    def test_it_tells_what_was_lost_and_what_was_before_it_joined(self):
        group = "239.255.81.1"
        running = self.start(group, "--streams", "2", "--json", receivers=2)
        early = self.sender(group)
        early.announce(0)
        early.send([*range(10), *range(15, 40)])
        early.end(42)
        late = self.sender(group, stream=8)
        late.send(range(500, 520))
        late.end(520)
        document = self.finish_json(running)
        self.assertEqual(document["role"], "receive")
        for receiver in document["receivers"]:
            first, second = receiver["streams"]
            self.assertEqual(first["id"], "0000000000000007")
            self.assertTrue(first["closed"])
            self.assertTrue(first["joined_before_the_stream"])
            self.assertEqual(first["before_joining"], 0)
            self.assertIsNone(first["join_latency_seconds"])
            self.assertEqual(first["ledger"]["sent"], 42)
            self.assertEqual(first["ledger"]["delivered"], 35)
            self.assertEqual(first["loss_periods"]["count"], 2)
            self.assertEqual(second["before_joining"], 500)
            self.assertGreater(second["join_latency_seconds"], 0)
            self.assertEqual(second["ledger"]["sent"], 20)
            self.assertEqual(second["ledger"]["delivered"], 20)
            self.assertEqual(receiver["foreign"], 0)
        self.assertIsNone(document["diagnosis"])
        self.assertTrue(netduel.is_refused(
            document, ["receivers", 0, "streams", 0, "ledger", "sent"], -1))

    def test_people_read_it_in_words(self):
        group = "239.255.81.2"
        running = self.start(group)
        sender = self.sender(group)
        sender.send(range(100, 120))
        sender.announce(120)
        sender.end(120)
        text = self.finish(running)
        self.assertIn(f"Joined {group}:{self.port} on lo", text)
        self.assertIn("the 100 messages before were not to come here", text)
        self.assertRegex(text, r"Delivered +20\n")

    def test_a_source_specific_receiver_hears_no_second_source(self):
        group = "232.255.81.3"
        running = self.start(group, "--source", "127.0.0.1", "--json")
        for source, stream in (("127.0.0.2", 2), ("127.0.0.1", 1)):
            sender = self.sender(group, source=source, stream=stream)
            sender.announce(0)
            sender.send(range(10))
            sender.end(10)
        receiver, = self.finish_json(running)["receivers"]
        self.assertEqual([stream["id"] for stream in receiver["streams"]], ["0000000000000001"])
        self.assertEqual(receiver["foreign"], 0)

    def test_three_seconds_of_silence_are_explained_and_the_wait_goes_on(self):
        group = "239.255.81.4"
        running = self.start(group)
        lines = [running.stderr.readline()]
        while "firewall" not in lines[-1]:
            lines.append(running.stderr.readline())
            self.assertTrue(lines[-1], lines)
        said = "".join(lines)
        self.assertIn("interface: lo, as given (up, ", said)
        self.assertIn(f"the kernel lists {group} on lo (IGMPv", said)
        self.assertIn("rp_filter: ", said)
        self.assertIn("no datagram came at all", said)
        self.assertIn("querier: ", said)
        self.assertIsNone(running.poll())
        running.send_signal(signal.SIGINT)
        out, _ = running.communicate(timeout=netduel.TIME_LIMIT)
        self.assertEqual(running.returncode, 128 + signal.SIGINT)
        self.assertIn("No stream was heard.", out)

    def test_what_is_wrong_with_a_call_is_said_in_one_line(self):
        for call, words in (
                (["239.1.2"], "an address"),
                (["239.1.2.3:0"], "a port from 1"),
                (["239.1.2.3", "-I", "no-such"], "interfaces here: "),
                (["232.1.2.3", "-S", "ff::1"], "one version of IP"),
                (["10.0.0.1", "-S", "10.0.0.1"], "is none"),
                (["ff02::5"], "--interface NAME"),
                (["10.0.0.1", "--receivers", "2"], "is none"),
                (["239.1.2.3", "--receivers", "0"], "1 to 4096"),
                (["239.1.2.3", "--name", "x" * 33], "1 to 32 octets")):
            with self.subTest(call=call):
                result = netduel.run("multicast", "receive", *call)
                self.assertEqual(result.returncode, 2)
                self.assertEqual(result.stderr.count("\n"), 1)
                self.assertIn(words, result.stderr)
        result = netduel.run("multicast", "receive", "192.0.2.1")
        self.assertEqual((result.returncode, result.stderr.count("\n")), (1, 1))


if __name__ == "__main__":
    unittest.main()
