#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

// Pure functions, thread-safe.

/// The median, the mean of the middle two when the count is even; nullopt when there is none.
NETDUEL_EXPORT std::optional<double> median(std::span<const double> sample);

/// Ranks (from 1) of the order statistics that enclose the population's median with a confidence
/// of at least 95 %, from the binomial distribution (Thompson 1936; the sign test's): 2 and 9
/// of 10. nullopt below 6 values, where no such pair exists.
struct Ranks {
  std::size_t low;
  std::size_t high;
  double confidence;
};
NETDUEL_EXPORT std::optional<Ranks> median_ranks(std::size_t count);

/// Median with its order-statistic interval; low and high absent below 6 values. `method` names
/// the ranks and their confidence, or says that there were too few values.
NETDUEL_EXPORT Interval median_interval(std::span<const double> sample);

/// The ratios numerator[i] / denominator[i], pair by pair. Pairs with a denominator of 0 are left
/// out, and so is what one list has more than the other.
NETDUEL_EXPORT std::vector<double> paired_ratios(std::span<const double> numerator,
                                                 std::span<const double> denominator);

/// The interval of the paired ratios.
NETDUEL_EXPORT Interval paired_ratio(std::span<const double> numerator,
                                     std::span<const double> denominator);

/// Whether A differs from B: the interval of A/B excludes 1 and its median is further from 1 than
/// the `practical` threshold (0.02 = 2 %), which is declared before looking. Without an interval
/// nothing is claimed.
enum class Claim { larger, smaller, no_difference_shown };
NETDUEL_EXPORT Claim claim(const Interval& ratio, double practical);

}  // namespace netduel
