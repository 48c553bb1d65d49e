#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "netduel/base/time.hpp"
#include "netduel/measure/clock_offset.hpp"

namespace netduel {

/// One question to the other host (RFC 2681), by the asking host's clock alone.
struct RoundTrip {
  /// Since the first moment at which one could be asked.
  std::chrono::nanoseconds asked{};
  /// Without the time that the other host held it; absent where no answer came.
  std::optional<std::chrono::nanoseconds> took = {};
};

/// Which questions were asked and what came of each. Answers are matched by the time of asking that
/// they bring back, so that a late one counts as what it took and a second one doesn't count. Pure;
/// not thread-safe.
class RoundTripLog {
 public:
  explicit RoundTripLog(WallTime start) : start_(start) {}

  void ask(WallTime at);
  /// One that answers no question of ours is ignored.
  void answer(const ClockExchange& exchange);
  /// Forgets what nobody knows the end of: unanswered, and asked later than all that was answered.
  void forget_unknown();

  std::size_t open() const { return open_.size(); }
  std::chrono::nanoseconds longest() const { return longest_; }
  /// In the order of asking.
  const std::vector<RoundTrip>& round_trips() const { return round_trips_; }

 private:
  WallTime start_;
  std::vector<RoundTrip> round_trips_;
  /// Which of them wait for an answer, by the time of asking.
  std::map<WallTime, std::size_t> open_;
  std::chrono::nanoseconds longest_{};
};

}  // namespace netduel
