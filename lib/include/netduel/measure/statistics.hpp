#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netduel/base/export.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

// Pure functions, thread-safe.

/// A share `part` of `whole` with its 95 % interval (Wilson 1927), whose `median` is part / whole.
/// With a part of 0, or all, the interval is one-sided and exact (Clopper and Pearson 1934): none
/// of 1000 means less than 0.3 %. For independent events: losses that come in bursts are not, and
/// runs of a trial are to be compared then. All absent when `whole` is 0. `part` is at most
/// `whole`.
NETDUEL_EXPORT Interval wilson_interval(std::uint64_t part, std::uint64_t whole);

/// The median of the ratios numerator[i] / denominator[i] with its 95 % percentile interval by
/// bootstrap (Efron 1979): whole pairs are drawn again, `resamples` times, from `seed` alone. Pairs
/// with a denominator of 0 are left out. The interval is absent below 6 pairs, which hold too
/// little to draw from. `resamples` is at least 1.
NETDUEL_EXPORT Interval bootstrap_paired_ratio(std::span<const double> numerator,
                                               std::span<const double> denominator,
                                               std::uint64_t seed, std::size_t resamples = 20'000);

/// Jain's fairness index of shares (Jain, Chiu and Hawe 1984): 1 when all are equal, 1/n when one
/// has all. Shares are not negative. nullopt when there are none, or all are 0.
NETDUEL_EXPORT std::optional<double> jain_index(std::span<const double> shares);

}  // namespace netduel
