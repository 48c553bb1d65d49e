"""A sender of a stream to a group as docs/multicast.md has it, by this file's own reading of it."""

import socket
import struct
import time

MAGIC = b"ndgroup1"
MASK = (1 << 64) - 1


def crc32c(octets):
    """Castagnoli's, bit by bit."""
    crc = 0xFFFFFFFF
    for octet in octets:
        crc ^= octet
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def sealed(kind, body):
    octets = MAGIC + bytes([kind]) + body
    return octets + struct.pack(">I", crc32c(octets))


def mixed(value):
    return (value ^ value >> 32) * 0x9E3779B97F4A7C15 & MASK


def message(number, octets):
    sent = time.time_ns()
    check = mixed(mixed(number + 0x6E64) ^ sent) >> 48
    return (struct.pack(">HHIq", check, number >> 32, number & 0xFFFFFFFF, sent)
            + bytes(octets - 16))


class Sender:
    """Both of its sockets, at one address of the loopback interface."""

    def __init__(self, group, port, source="127.0.0.1", stream=7, octets=100, reports=False):
        self.to = (group, port)
        self.stream, self.octets, self.reports = stream, octets, reports
        self.data = self.open(source)
        self.says = self.open(source)

    def open(self, source):
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        made.bind((source, 0))
        return made

    def close(self):
        self.data.close()
        self.says.close()

    def announce(self, sent):
        self.says.sendto(sealed(1, struct.pack(
            ">QHI?QdqqQ?II", self.stream, self.data.getsockname()[1], self.octets, False, 0,
            1000.0, 10**9, time.time_ns(), sent, self.reports, 100_000, 0)), self.to)

    def end(self, sent, final_octets=1):
        self.says.sendto(sealed(2, struct.pack(
            ">QHQQQQqII?", self.stream, self.data.getsockname()[1], 0, sent, 0, sent, 10**8,
            final_octets, 100_000, False)), self.to)

    def send(self, numbers):
        for number in numbers:
            self.data.sendto(message(number, self.octets), self.to)
