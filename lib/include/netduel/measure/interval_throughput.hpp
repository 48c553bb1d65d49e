#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

/// Goodput over time: octets of unique messages by the interval in which they were read, the first
/// of which begins with the first message. Memory is fixed: when there are more than 128 intervals,
/// two and two become one of twice the length. Not thread-safe.
/// Rows: `intervals[n].{start_seconds,seconds,messages,goodput_bits_per_second}`; the last interval
/// ends with the last message, and is left out when that makes it empty.
class NETDUEL_EXPORT IntervalThroughput {
 public:
  static constexpr std::size_t most_intervals = 128;

  /// `length` is larger than 0.
  explicit IntervalThroughput(std::chrono::nanoseconds length = std::chrono::milliseconds(100));

  void observe(const Arrival& arrival, Placement placement) {
    if (!is_unique(placement.order)) return;
    if (arrival.read_at >= end_of_current_) advance(arrival.read_at);
    Interval& now = intervals_.back();
    now.octets += arrival.octets;
    ++now.messages;
    last_ = arrival.read_at;
  }
  void describe(Report& report) const;

  struct Interval {
    std::uint64_t octets = 0;
    std::uint64_t messages = 0;
  };
  /// One behind the other, of `length` each.
  const std::vector<Interval>& intervals() const { return intervals_; }
  std::chrono::nanoseconds length() const { return length_; }

 private:
  friend struct MeterArchive;

  void advance(WallTime now);

  std::chrono::nanoseconds length_;
  std::vector<Interval> intervals_;
  WallTime end_of_current_ = WallTime::min();
  WallTime last_{};
};

}  // namespace netduel
