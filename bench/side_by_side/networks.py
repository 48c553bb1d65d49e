"""Networks of a bench's own: gone with its last process, whatever ends that."""

import contextlib
import ctypes
import os
import pathlib
import subprocess
import sys
from dataclasses import dataclass

CLONE_NEWNET = 0x40000000
OWN = "/proc/thread-self/ns/net"
INSIDE = "BENCH_INSIDE_A_USER_NAMESPACE"

_libc = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """This machine gives us no network namespace."""


def _call(function, *arguments):
    if function(*arguments) != 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))


class Network:
    """A network namespace, held by an open file."""

    def __init__(self, handle):
        self.handle = handle
        self.path = f"/proc/self/fd/{handle}"

    @classmethod
    def here(cls):
        return cls(os.open(OWN, os.O_RDONLY | os.O_CLOEXEC))

    @classmethod
    def make(cls):
        """A new one with loopback up; the caller stays where it is."""
        before = cls.here()
        try:
            _call(_libc.unshare, CLONE_NEWNET)
        except OSError as error:
            raise Unavailable(f"no network namespace: {error.strerror}") from error
        made = cls.here()
        before.enter()
        os.close(before.handle)
        made.ip("link", "set", "lo", "up")
        return made

    def enter(self):
        """Does nothing where the caller is there already, which asks for no right."""
        own, there = os.stat(OWN), os.fstat(self.handle)
        if (own.st_dev, own.st_ino) != (there.st_dev, there.st_ino):
            _call(_libc.setns, self.handle, CLONE_NEWNET)

    @contextlib.contextmanager
    def entered(self):
        before = Network.here()
        self.enter()
        try:
            yield
        finally:
            before.enter()
            os.close(before.handle)

    def ip(self, *arguments, handles=()):
        try:
            subprocess.run(["ip", *arguments], check=True, preexec_fn=self.enter, pass_fds=handles,
                           timeout=20)
        except (OSError, subprocess.SubprocessError) as error:
            raise Unavailable(f"ip {' '.join(arguments)}: {error}") from error

    def read(self, name):
        with self.entered():
            return pathlib.Path("/proc/thread-self/net", name).read_text(encoding="ascii")

    def datagrams_read(self):
        """How many UDP datagrams programs have read here: InDatagrams, which counts at reading.

        A super-packet under UDP_GRO counts once, so this is for programs without it.
        """
        names, values = (line.split()[1:] for line in self.read("snmp").splitlines()
                         if line.startswith("Udp:"))
        return int(dict(zip(names, values))["InDatagrams"])

    def listens(self, protocol, port):
        """Whether a socket is bound to that port and, of TCP, listening."""
        for name in (protocol, f"{protocol}6"):
            for line in self.read(name).splitlines()[1:]:
                words = line.split()
                bound = int(words[1].rsplit(":", 1)[1], 16) == port
                if bound and (protocol == "udp" or words[3] == "0A"):
                    return True
        return False


@dataclass(frozen=True)
class Path:
    """Where both tools run: the networks of the two ends, and the receiving end's address."""
    name: str
    sender: Network
    receiver: Network
    address: str


def become_root_of_a_user_namespace():
    """Starts the bench again as root of a user namespace, unless it is root or has done that.

    In a network of that namespace too: from another there is no way back into the host's.
    """
    if os.geteuid() == 0 or INSIDE in os.environ:
        return
    command = ["unshare", "--user", "--map-root-user", "--net"]
    if subprocess.run([*command, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        os.environ[INSIDE] = "1"
        os.execvp(command[0], [*command, sys.executable, *sys.argv])


def user(uid_map="/proc/self/uid_map"):
    """'root' or 'ordinary': root of a user namespace is whoever made that."""
    for line in pathlib.Path(uid_map).read_text(encoding="ascii").splitlines():
        inside, outside, count = map(int, line.split())
        if inside <= os.geteuid() < inside + count:
            return "root" if os.geteuid() - inside + outside == 0 else "ordinary"
    return "ordinary"


def loopback():
    """Loopback in a network of its own, whose counters count nothing else; else the host's."""
    try:
        network = Network.make()
        name = "loopback of a network namespace"
    except Unavailable:
        network = Network.here()
        name = "loopback of the host"
    return Path(name, network, network, "127.0.0.1")


def veth():
    """Two networks joined by a pair of virtual Ethernet interfaces, as the kernel makes them."""
    sender = Network.make()
    receiver = Network.make()
    sender.ip("link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", receiver.path,
              handles=(receiver.handle,))
    for network, address in ((sender, "10.79.0.1"), (receiver, "10.79.0.2")):
        network.ip("address", "add", f"{address}/24", "dev", "eth0")
        network.ip("link", "set", "eth0", "up")
    return Path("a veth pair between two network namespaces", sender, receiver, "10.79.0.2")
