#include "netduel/measure/interval_throughput.hpp"

#include <fmt/format.h>

namespace netduel {

IntervalThroughput::IntervalThroughput(std::chrono::nanoseconds length) : length_(length) {
  intervals_.reserve(most_intervals);
}

void IntervalThroughput::advance(WallTime now) {
  if (intervals_.empty()) {
    intervals_.emplace_back();
    end_of_current_ = now + length_;
    return;
  }
  while (now >= end_of_current_) {
    if (intervals_.size() == most_intervals) {
      for (std::size_t n = 0; n < most_intervals / 2; ++n) {
        const Interval& second = intervals_[2 * n + 1];
        intervals_[n] = intervals_[2 * n];
        intervals_[n].octets += second.octets;
        intervals_[n].messages += second.messages;
      }
      intervals_.resize(most_intervals / 2);
      length_ *= 2;
    }
    intervals_.emplace_back();
    end_of_current_ += length_;
  }
}

void IntervalThroughput::describe(Report& report) const {
  const auto in_seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>(time).count();
  };
  std::size_t row = 0;
  for (std::size_t n = 0; n < intervals_.size(); ++n) {
    const Interval& one = intervals_[n];
    const bool last = n + 1 == intervals_.size();
    const auto length = last ? length_ - (end_of_current_ - last_) : length_;
    if (length.count() <= 0) break;
    const Report::Scope scope(report, fmt::format("intervals[{}]", row++));
    report.add("start_seconds", in_seconds(length_) * static_cast<double>(n), "s");
    report.add("seconds", in_seconds(length), "s");
    report.add("messages", one.messages);
    report.add("goodput_bits_per_second", 8 * static_cast<double>(one.octets) / in_seconds(length),
               "bit/s");
  }
  if (row == 0) report.add("intervals", EmptyList{});
}

}  // namespace netduel
