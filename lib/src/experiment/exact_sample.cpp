#include "experiment/exact_sample.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "netduel/measure/histogram.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

constexpr std::array<std::pair<const char*, double>, 4> percentiles = {
    std::pair("p50", 0.5), {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

std::optional<double> seconds(std::optional<Time> time) {
  if (!time) return std::nullopt;
  return std::chrono::duration<double>(*time).count();
}

}  // namespace

ExactSample::ExactSample(std::vector<Time> values) : values_(std::move(values)) {}

std::optional<Time> ExactSample::percentile(double ratio, std::uint64_t more) {
  if (values_.empty()) return std::nullopt;
  const auto rank = static_cast<std::size_t>(percentile_rank(ratio, values_.size() + more));
  if (rank > values_.size()) return std::nullopt;
  const auto nth = values_.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  const auto found = values_.begin() + static_cast<std::ptrdiff_t>(found_);
  if (rank > found_) std::nth_element(found, nth, values_.end());
  if (rank < found_) std::nth_element(values_.begin(), nth, found);
  found_ = rank;
  return *nth;
}

void ExactSample::describe(std::string_view name, Report& report) {
  const Report::Scope scope(report, name);
  report.add_optional("min", seconds(percentile(0)), "s");
  for (const auto& [key, ratio] : percentiles) {
    report.add_optional(key, seconds(percentile(ratio)), "s");
  }
  report.add_optional("max", seconds(percentile(1)), "s");
}

void ExactSample::describe_with_more(std::string_view name, std::uint64_t more, Report& report) {
  const Report::Scope scope(report, name);
  for (const auto& [key, ratio] : percentiles) {
    report.add_optional(key, seconds(percentile(ratio, more)), "s");
  }
}

}  // namespace netduel
