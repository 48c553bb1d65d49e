#include "netduel/measure/delay_variation.hpp"

#include <algorithm>

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

std::optional<double> seconds(std::optional<Time> time) {
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(*time).count();
}

}  // namespace

std::optional<Time> SignedDurationHistogram::percentile(double ratio) const {
  if (count() == 0) return std::nullopt;
  const std::uint64_t rank = percentile_rank(ratio, count());
  const std::uint64_t below = negative_.count();
  // In the middle of a rank, so that the histogram's own rounding up gives just that one.
  const auto nth = [](const DurationHistogram& histogram, std::uint64_t n) {
    return histogram.percentile((static_cast<double>(n) - 0.5) /
                                static_cast<double>(histogram.count()));
  };
  if (rank > below) return nth(positive_, rank - below);
  // The smallest is the one of the largest magnitude.
  return -*nth(negative_, below - rank + 1);
}

std::optional<Time> SignedDurationHistogram::min() const {
  if (const auto largest = negative_.max()) return -*largest;
  return positive_.min();
}

std::optional<Time> SignedDurationHistogram::max() const {
  if (const auto largest = positive_.max()) return largest;
  if (const auto smallest = negative_.min()) return -*smallest;
  return std::nullopt;
}

void SignedDurationHistogram::merge(const SignedDurationHistogram& other) {
  negative_.merge(other.negative_);
  positive_.merge(other.positive_);
}

DelayVariation::DelayVariation() : recent_(most_recent) {
  first_.reserve(most_first);
}

void DelayVariation::take_first(Time delay) {
  first_.push_back(delay);
  if (first_.size() < most_first) return;
  reference_ = *std::ranges::min_element(first_);
  for (const Time one : first_) delays_.record(one - reference_);
}

DurationHistogram DelayVariation::pdv() const {
  DurationHistogram all;
  if (first_.empty()) return all;
  if (delays_.count() > 0) {
    const Time smallest = *delays_.min();
    delays_.for_each([&](Time delay, std::uint64_t times) { all.record(delay - smallest, times); });
  } else {
    const Time smallest = *std::ranges::min_element(first_);
    for (const Time one : first_) all.record(one - smallest);
  }
  return all;
}

void DelayVariation::describe(Report& report) const {
  describe_delay_variation(report, pdv(), ipdv_, jitter_rfc3550());
}

void describe_delay_variation(Report& report, const DurationHistogram& pdv,
                              const SignedDurationHistogram& ipdv,
                              std::optional<std::chrono::duration<double>> jitter_rfc3550) {
  {
    const Report::Scope scope(report, "pdv_seconds");
    report.add_optional("p50", seconds(pdv.percentile(0.5)), "s");
    report.add_optional("p99", seconds(pdv.percentile(0.99)), "s");
    report.add_optional("p999", seconds(pdv.percentile(0.999)), "s");
    report.add_optional("max", seconds(pdv.max()), "s");
  }
  {
    const Report::Scope scope(report, "ipdv_seconds");
    report.add_optional("min", seconds(ipdv.min()), "s");
    report.add_optional("p50", seconds(ipdv.percentile(0.5)), "s");
    report.add_optional("p99", seconds(ipdv.percentile(0.99)), "s");
    report.add_optional("max", seconds(ipdv.max()), "s");
  }
  report.add_optional("jitter_rfc3550_seconds",
                      jitter_rfc3550 ? std::optional(jitter_rfc3550->count()) : std::nullopt, "s");
}

}  // namespace netduel
