"""Medians of paired ratios, their intervals, and whether a bar was reached."""

import math
import statistics
from dataclasses import dataclass

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Interval:
    """A median and, with enough values, an interval that holds the true one."""
    median: float
    low: float | None = None
    high: float | None = None
    confidence: float | None = None


def order_statistic_ranks(count):
    """Ranks from 1 of the narrowest symmetric interval of a median with at least 95 % confidence.

    The true median lies outside of the k-th smallest and the k-th largest of n values with a
    probability of 2 P(Binomial(n, 1/2) < k), whatever they are distributed as. None below six
    values, whose whole range holds it with less.
    """
    best = None
    outside = 0.0
    for rank in range(1, count // 2 + 1):
        outside += 2 * math.comb(count, rank - 1) / 2**count
        if 1 - outside < CONFIDENCE:
            break
        best = (rank, count + 1 - rank, 1 - outside)
    return best


def median_with_interval(values):
    ordered = sorted(values)
    median = statistics.median(ordered)
    ranks = order_statistic_ranks(len(ordered))
    if ranks is None:
        return Interval(median)
    low, high, confidence = ranks
    return Interval(median, ordered[low - 1], ordered[high - 1], confidence)


def paired_ratios(values, others):
    """Round by round: what disturbs a machine for a while disturbs both of a pair."""
    return [value / other for value, other in zip(values, others, strict=True) if other > 0]


@dataclass(frozen=True)
class Bar:
    """What a ratio is to reach. `may_contain` asks only that the interval doesn't lie below."""
    least: float
    may_contain: bool = False

    def in_words(self):
        how = "interval contains or exceeds" if self.may_contain else "at least"
        return f"{how} {self.least:g}"

    def reached(self, ratio):
        """'yes', 'no', or 'undecided' where the interval holds the bar or there is none."""
        if ratio.low is None:
            return "undecided"
        if self.may_contain:
            return "yes" if ratio.high >= self.least else "no"
        if ratio.low >= self.least:
            return "yes"
        return "no" if ratio.high < self.least else "undecided"
