#include "session/round_trip_log.hpp"

#include <algorithm>

namespace netduel {

void RoundTripLog::ask(WallTime at) {
  if (!open_.emplace(at, round_trips_.size()).second) return;
  round_trips_.push_back({.asked = at - start_});
}

void RoundTripLog::answer(const ClockExchange& exchange) {
  const auto found = open_.find(exchange.asked);
  if (found == open_.end()) return;
  const auto took = std::max(exchange.round_trip(), std::chrono::nanoseconds(0));
  round_trips_[found->second].took = took;
  longest_ = std::max(longest_, took);
  open_.erase(found);
}

void RoundTripLog::forget_unknown() {
  while (!round_trips_.empty() && !round_trips_.back().took) {
    open_.erase(start_ + round_trips_.back().asked);
    round_trips_.pop_back();
  }
}

}  // namespace netduel
