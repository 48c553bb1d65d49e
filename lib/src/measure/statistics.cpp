#include "netduel/measure/statistics.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <random>
#include <vector>

#include <fmt/format.h>

#include "netduel/measure/paired.hpp"

namespace netduel {
namespace {

/// Of the normal distribution, two-sided 95 %.
constexpr double z = 1.959963984540054;
constexpr double one_sided = 0.05;
constexpr std::size_t fewest_pairs = 6;

}  // namespace

Interval wilson_interval(std::uint64_t part, std::uint64_t whole) {
  Interval interval;
  if (whole == 0) {
    interval.method = "no sample";
    return interval;
  }
  const auto n = static_cast<double>(whole);
  const double share = static_cast<double>(part) / n;
  interval.median = share;
  if (part == 0 || part == whole) {
    const double reach = 1 - std::pow(one_sided, 1 / n);
    interval.low = part == 0 ? 0 : 1 - reach;
    interval.high = part == 0 ? reach : 1;
    interval.method = fmt::format("Clopper-Pearson, one-sided 95 % of {}", whole);
    return interval;
  }
  const double scale = 1 + z * z / n;
  const double middle = (share + z * z / (2 * n)) / scale;
  const double half = z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale;
  interval.low = middle - half;
  interval.high = middle + half;
  interval.method = fmt::format("Wilson, 95 % of {}", whole);
  return interval;
}

Interval bootstrap_paired_ratio(std::span<const double> numerator,
                                std::span<const double> denominator, std::uint64_t seed,
                                std::size_t resamples) {
  const std::vector<double> ratios = paired_ratios(numerator, denominator);
  Interval interval;
  interval.median = median(ratios);
  assert(resamples > 0);
  if (ratios.size() < fewest_pairs) {
    interval.method = fmt::format("median, too few values for an interval ({} of at least {})",
                                  ratios.size(), fewest_pairs);
    return interval;
  }
  // The engine's numbers are the standard's; a distribution's would differ between libraries.
  std::mt19937_64 engine(seed);
  std::vector<double> medians(resamples);
  std::vector<double> drawn(ratios.size());
  for (double& one : medians) {
    for (double& ratio : drawn) ratio = ratios[engine() % ratios.size()];
    one = *median(drawn);
  }
  std::ranges::sort(medians);
  const auto at = [&](double share) {
    const double rank = std::ceil(share * static_cast<double>(medians.size()));
    return medians[std::max<std::size_t>(1, static_cast<std::size_t>(rank)) - 1];
  };
  interval.low = at(one_sided / 2);
  interval.high = at(1 - one_sided / 2);
  interval.method =
      fmt::format("median, bootstrap of {} pairs, {} resamples, 95 %", ratios.size(), resamples);
  return interval;
}

std::optional<double> jain_index(std::span<const double> shares) {
  double sum = 0;
  double squares = 0;
  for (const double share : shares) {
    sum += share;
    squares += share * share;
  }
  if (squares == 0) return std::nullopt;
  return sum * sum / (static_cast<double>(shares.size()) * squares);
}

}  // namespace netduel
