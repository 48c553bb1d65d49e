#include "netduel/measure/paired.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <fmt/format.h>

namespace netduel {
namespace {

constexpr double wanted_confidence = 0.95;
constexpr std::size_t fewest_for_an_interval = 6;

std::vector<double> sorted(std::span<const double> sample) {
  std::vector<double> values(sample.begin(), sample.end());
  std::sort(values.begin(), values.end());
  return values;
}

std::optional<double> median_of_sorted(const std::vector<double>& values) {
  if (values.empty()) return std::nullopt;
  const std::size_t upper = values.size() / 2;
  if (values.size() % 2 == 1) return values[upper];
  return (values[upper - 1] + values[upper]) / 2;
}

}  // namespace

std::optional<double> median(std::span<const double> sample) {
  return median_of_sorted(sorted(sample));
}

/// The k-th smallest and the k-th largest of n miss the median only if fewer than k values fell on
/// one side of it, each side with probability 1/2: 1 - 2 P(Binomial(n, 1/2) < k).
std::optional<Ranks> median_ranks(std::size_t count) {
  const auto n = static_cast<double>(count);
  // In logarithms: 2^-n alone would vanish for n above 1074.
  double log_probability = -n * std::numbers::ln2;
  double below = 0;
  std::optional<Ranks> ranks;
  for (std::size_t k = 1; 2 * k <= count; ++k) {
    below += std::exp(log_probability);
    const double confidence = 1 - 2 * below;
    if (confidence < wanted_confidence) break;
    ranks = Ranks{k, count + 1 - k, confidence};
    const auto taken = static_cast<double>(k);
    log_probability += std::log((n - taken + 1) / taken);
  }
  return ranks;
}

Interval median_interval(std::span<const double> sample) {
  const std::vector<double> values = sorted(sample);
  Interval interval;
  interval.median = median_of_sorted(values);
  if (const auto ranks = median_ranks(values.size())) {
    interval.low = values[ranks->low - 1];
    interval.high = values[ranks->high - 1];
    interval.method = fmt::format("median, order statistics {} and {} of {} ({:.2f} % confidence)",
                                  ranks->low, ranks->high, values.size(), ranks->confidence * 100);
  } else {
    interval.method = fmt::format("median, too few values for an interval ({} of at least {})",
                                  values.size(), fewest_for_an_interval);
  }
  return interval;
}

std::vector<double> paired_ratios(std::span<const double> numerator,
                                  std::span<const double> denominator) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < std::min(numerator.size(), denominator.size()); ++i) {
    if (denominator[i] != 0) ratios.push_back(numerator[i] / denominator[i]);
  }
  return ratios;
}

Interval paired_ratio(std::span<const double> numerator, std::span<const double> denominator) {
  return median_interval(paired_ratios(numerator, denominator));
}

Claim claim(const Interval& ratio, double practical) {
  if (!ratio.median || !ratio.low || !ratio.high) return Claim::no_difference_shown;
  if (*ratio.low > 1 && *ratio.median - 1 > practical) return Claim::larger;
  if (*ratio.high < 1 && 1 - *ratio.median > practical) return Claim::smaller;
  return Claim::no_difference_shown;
}

}  // namespace netduel
