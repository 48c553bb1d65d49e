#pragma once

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netduel/base/export.hpp"

namespace netduel {

/// RFC 2330, section 11.3: which of `count` sorted values, from 1, is the percentile: the smallest
/// rank that is at least ratio * count. `ratio` in [0, 1]; `count` is not 0.
NETDUEL_EXPORT std::uint64_t percentile_rank(double ratio, std::uint64_t count);

/// Durations counted in log-linear buckets (the layout of an HDR histogram): every value that is
/// read back differs from the recorded one by at most 1 %, in fixed memory (30 KiB) from 0 to the
/// largest duration there is. Negative durations (clocks that disagree) are counted apart and rank
/// below all others. Recording takes constant time and allocates nothing. Not thread-safe.
class NETDUEL_EXPORT DurationHistogram {
 public:
  DurationHistogram();

  void record(std::chrono::nanoseconds value, std::uint64_t times = 1) {
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
    count_ += times;
    if (value.count() < 0) {
      negative_ += times;
    } else {
      buckets_[bucket_of(static_cast<std::uint64_t>(value.count()))] += times;
    }
  }
  /// As if what the other recorded had been recorded here too.
  void merge(const DurationHistogram& other);

  /// Calls `visit(value, times)` for what was recorded, less the negative ones; values are as exact
  /// as percentiles are.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      std::uint64_t times = buckets_[i];
      for (const auto exact : {max_, min_}) {
        if (times == 0 || exact.count() < 0) continue;
        if (bucket_of(static_cast<std::uint64_t>(exact.count())) != i) continue;
        visit(exact, std::uint64_t{1});
        --times;
      }
      if (times > 0) visit(std::clamp(middle_of(i), min_, max_), times);
    }
  }

  std::uint64_t count() const { return count_; }
  std::uint64_t negative_count() const { return negative_; }
  /// Exact, not rounded to a bucket; nullopt when nothing was recorded.
  std::optional<std::chrono::nanoseconds> min() const;
  std::optional<std::chrono::nanoseconds> max() const;

  /// RFC 2330, section 11.3: the smallest recorded value x with F(x) >= ratio, F counting
  /// `lost` more values as infinitely large (RFC 7679, section 5.1). nullopt when it falls among
  /// those or among the negative ones, or nothing was recorded. `ratio` in (0, 1]. The smallest
  /// and the largest value are exact.
  std::optional<std::chrono::nanoseconds> percentile(double ratio, std::uint64_t lost = 0) const;

 private:
  friend struct MeterArchive;

  // Values below 128 have a bucket each; above, each power of two is parted into 64, so that a
  // value lies within 1/128 of its bucket's middle.
  static constexpr std::uint64_t buckets_per_octave = 64;
  static std::size_t bucket_of(std::uint64_t value) {
    const auto shift = static_cast<std::uint64_t>(std::bit_width(value | buckets_per_octave) - 7);
    return static_cast<std::size_t>(shift * buckets_per_octave + (value >> shift));
  }
  static std::chrono::nanoseconds middle_of(std::size_t bucket);

  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t negative_ = 0;
  std::chrono::nanoseconds min_ = std::chrono::nanoseconds::max();
  std::chrono::nanoseconds max_ = std::chrono::nanoseconds::min();
};

}  // namespace netduel
