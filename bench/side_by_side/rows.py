"""The rows of a bench: what each compares, and its runs in rounds."""

from dataclasses import dataclass, field

from .intervals import Bar, median_with_interval, paired_ratios


@dataclass(frozen=True)
class Row:
    """`message_octets` is netduel's unit; the peers hand over `write_octets` at once,
    netduel as many messages as that holds."""
    name: str
    transport: str
    message_octets: int
    write_octets: int
    congestion: str | None = None
    #: What each of netduel's ways is to reach, as a ratio to iperf3.
    bars: dict = field(default_factory=dict)

    def describe(self):
        if self.transport == "udp":
            return f"UDP, messages of {self.message_octets} octets"
        return f"TCP, {self.congestion}, writes of {self.write_octets} octets"


OFFLOAD = "netduel"
SINGLE = "netduel --no-offload"

# netduel's longest message is 65 507 octets; it gathers as many as fit into a batch of 128 KiB,
# which is what iperf3 writes by default. Where the kernel takes a batch in part, the next write is
# longer by the rest of one message at most, and the table tells the longest.
ROWS = (
    Row("udp64", "udp", 64, 64, bars={OFFLOAD: Bar(20), SINGLE: Bar(1)}),
    Row("udp1460", "udp", 1460, 1460, bars={OFFLOAD: Bar(8), SINGLE: Bar(1)}),
    Row("tcp", "tcp", 32768, 131072, congestion="cubic", bars={OFFLOAD: Bar(1, may_contain=True)}),
)
HELD_AGAINST = "iperf3"


def run_row(row, programs, rounds, seconds, random, progress, before_round=lambda: None):
    """Every program once a round, in an order drawn for each; by name, the list of its runs."""
    runs = {program.name: [] for program in programs}
    for number in range(rounds):
        before_round()
        order = list(programs)
        random.shuffle(order)
        for program in order:
            progress(f"{row.name}, round {number + 1} of {rounds}: {program.name}")
            runs[program.name].append(program.run(row, seconds))
    return runs


def judge(row, runs):
    """Ratios of netduel's ways to each peer, with the bar where there is one."""
    rates = {name: [run.octets_per_second for run in of] for name, of in runs.items()}
    ratios = []
    for name in row.bars:
        for peer in (other for other in rates if other not in row.bars):
            ratio = median_with_interval(paired_ratios(rates[name], rates[peer]))
            bar = row.bars[name] if peer == HELD_AGAINST else None
            ratios.append({"of": name, "to": peer, "median": ratio.median, "low": ratio.low,
                           "high": ratio.high, "confidence": ratio.confidence,
                           "bar": bar and bar.in_words(), "reached": bar and bar.reached(ratio)})
    return ratios
