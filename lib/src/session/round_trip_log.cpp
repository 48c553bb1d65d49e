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
  const std::chrono::nanoseconds none{};
  // The other host tells how long it held the question: whatever it says, it held it no shorter
  // than not at all, and no longer than the answer was away.
  const auto away = std::max(none, exchange.came_back - exchange.asked);
  const auto took = std::clamp(exchange.round_trip(), none, away);
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
