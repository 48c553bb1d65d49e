#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "netduel/base/report.hpp"

namespace netduel {

/// Values of which a few percentiles (RFC 2330, section 11.3) are asked for, by rising ratio.
class ExactSample {
 public:
  explicit ExactSample(std::vector<std::chrono::nanoseconds> values);

  /// `more` values are larger than all of these. nullopt when the percentile is among them.
  std::optional<std::chrono::nanoseconds> percentile(double ratio, std::uint64_t more = 0);
  /// Rows `name.{min,p50,p90,p99,p999,max}`.
  void describe(std::string_view name, Report& report);
  /// Rows `name.{p50,p90,p99,p999}` with `more` larger values.
  void describe_with_more(std::string_view name, std::uint64_t more, Report& report);

 private:
  std::vector<std::chrono::nanoseconds> values_;
  /// The value of this rank is in its place, smaller ones before it.
  std::size_t found_ = 0;
};

}  // namespace netduel
