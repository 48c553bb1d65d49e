#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "netduel/base/export.hpp"

namespace netduel {

/// Durations counted in log-linear buckets (the layout of an HDR histogram): every value that is
/// read back differs from the recorded one by at most 1 %, in fixed memory (under 64 KiB) from
/// 1 ns to more than an hour. Negative durations (clocks that disagree) are counted apart and rank
/// below all others. Recording takes constant time and allocates nothing.
class NETDUEL_EXPORT DurationHistogram {
 public:
  DurationHistogram();

  void record(std::chrono::nanoseconds value);
  void merge(const DurationHistogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t negative_count() const { return negative_; }
  /// Exact, not rounded to a bucket; nullopt when nothing was recorded.
  std::optional<std::chrono::nanoseconds> min() const;
  std::optional<std::chrono::nanoseconds> max() const;

  /// RFC 2330, section 11.3: the smallest recorded value x with F(x) >= ratio, F counting
  /// `lost` more values as infinitely large (RFC 7679, section 5.1). nullopt when it falls among
  /// those, or nothing was recorded. `ratio` in (0, 1].
  std::optional<std::chrono::nanoseconds> percentile(double ratio, std::uint64_t lost = 0) const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t negative_ = 0;
  std::chrono::nanoseconds min_{};
  std::chrono::nanoseconds max_{};
};

}  // namespace netduel
