#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace netduel {

/// Whether a test keeps to a rate: it may be ahead of it by five seconds at most (iperf3 averages
/// over as many), counted from its start. What it doesn't use it may catch up with, as TCP does
/// after its path was gone for a while, but no more than 30 s of the rate come at once. Pure.
class RateGuard {
 public:
  using Time = std::chrono::steady_clock::time_point;

  RateGuard(double bits_per_second, Time start)
      : rate_(tolerance * bits_per_second),
        most_(seconds_at_once * rate_),
        left_(seconds_ahead * rate_),
        at_(start) {}

  /// `octets`: all that the test has carried by now. To be asked again and again: what was not used
  /// between two calls is gone beyond the 30 s.
  bool exceeded(std::uint64_t octets, Time now) {
    const double elapsed_seconds = std::chrono::duration<double>(now - at_).count();
    const double bits = 8.0 * static_cast<double>(octets - octets_);
    left_ = std::min(most_, left_ + elapsed_seconds * rate_ - bits);
    at_ = now;
    octets_ = octets;
    return left_ < 0;
  }

 private:
  static constexpr double seconds_ahead = 5;
  static constexpr double seconds_at_once = 30;
  /// For what two clocks differ in a day.
  static constexpr double tolerance = 1.01;

  double rate_;
  /// In bits: what may come at once.
  double most_;
  double left_;
  Time at_;
  std::uint64_t octets_ = 0;
};

}  // namespace netduel
