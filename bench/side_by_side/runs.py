"""What is run and what a run gives."""

import os
import pathlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Run:
    """One run of one program: what its receiving end had, and what both ends used of processors."""
    octets: int
    seconds: float
    cpu_seconds: float
    facts: dict = field(default_factory=dict)

    @property
    def octets_per_second(self):
        return self.octets / self.seconds

    @property
    def cpu_seconds_per_gigabyte(self):
        return self.cpu_seconds / (self.octets / 1e9) if self.octets else None


@dataclass(frozen=True)
class Placement:
    """The processors of the two ends."""
    name: str
    sender: frozenset
    receiver: frozenset


def siblings(processor):
    """Those that share its core."""
    place = f"/sys/devices/system/cpu/cpu{processor}/topology/thread_siblings_list"
    found = set()
    try:
        for part in pathlib.Path(place).read_text(encoding="ascii").strip().split(","):
            first, _, last = part.partition("-")
            found.update(range(int(first), int(last or first) + 1))
    except OSError:
        pass
    return found | {processor}


def placement(name):
    """'apart' is what netduel does for its own two ends, by the rule of session/processors."""
    allowed = os.sched_getaffinity(0)
    last = max(allowed)
    others = (allowed - siblings(last)) or (allowed - {last})
    if name == "apart" and others:
        return Placement(name, frozenset({last}), frozenset(others))
    return Placement(name, frozenset(allowed), frozenset(allowed))
