#include "netduel/measure/histogram.hpp"

#include <cmath>
#include <limits>

namespace netduel {

std::uint64_t percentile_rank(double ratio, std::uint64_t count) {
  // A product that rounding lifted just above a whole number (0.07 * 100) must not go to the next.
  constexpr double slack = 1 - 4 * std::numeric_limits<double>::epsilon();
  const double rank = std::ceil(ratio * static_cast<double>(count) * slack);
  return std::clamp(static_cast<std::uint64_t>(std::max(rank, 1.0)), std::uint64_t{1}, count);
}

DurationHistogram::DurationHistogram()
    : buckets_(bucket_of(static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count())) + 1) {
}

void DurationHistogram::merge(const DurationHistogram& other) {
  for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  negative_ += other.negative_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

std::optional<std::chrono::nanoseconds> DurationHistogram::min() const {
  if (count_ == 0) return std::nullopt;
  return min_;
}

std::optional<std::chrono::nanoseconds> DurationHistogram::max() const {
  if (count_ == 0) return std::nullopt;
  return max_;
}

std::optional<std::chrono::nanoseconds> DurationHistogram::percentile(double ratio,
                                                                      std::uint64_t lost) const {
  if (count_ == 0) return std::nullopt;
  const std::uint64_t rank = percentile_rank(ratio, count_ + lost);
  if (rank > count_) return std::nullopt;
  if (rank == count_) return max_;
  if (rank == 1) return min_;
  if (rank <= negative_) return std::nullopt;
  std::uint64_t up_to_here = negative_;
  std::size_t bucket = 0;
  while ((up_to_here += buckets_[bucket]) < rank) ++bucket;
  return std::clamp(middle_of(bucket), min_, max_);
}

std::chrono::nanoseconds DurationHistogram::middle_of(std::size_t bucket) {
  const std::uint64_t index = bucket;
  if (index < 2 * buckets_per_octave) {
    return std::chrono::nanoseconds{static_cast<std::int64_t>(index)};
  }
  const std::uint64_t shift = index / buckets_per_octave - 1;
  const std::uint64_t first = (index - shift * buckets_per_octave) << shift;
  const std::uint64_t width = std::uint64_t{1} << shift;
  return std::chrono::nanoseconds{static_cast<std::int64_t>(first + (width - 1) / 2)};
}

}  // namespace netduel
