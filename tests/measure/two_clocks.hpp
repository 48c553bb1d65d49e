#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <functional>
#include <vector>

#include "netduel/measure/clock_offset.hpp"

namespace netduel::test {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

/// Year 2027: the digits that real times have.
inline constexpr WallTime start{nanoseconds{1'800'000'000'123'456'789}};

/// Two clocks by the true time, which is the near one's as long as nobody sets that.
struct Clocks {
  nanoseconds offset{};
  double skew = 0;
  WallTime set_at = WallTime::max();
  nanoseconds near_step{};
  nanoseconds far_step{};

  WallTime near(WallTime time) const { return time >= set_at ? time + near_step : time; }
  WallTime far(WallTime time) const {
    const auto drift = std::floor(skew * static_cast<double>((time - start).count()));
    return time + offset + nanoseconds{static_cast<std::int64_t>(drift)} +
           (time >= set_at ? far_step : 0ns);
  }
  /// While no clock is set.
  nanoseconds true_offset(WallTime time) const { return far(time) - time; }
};

struct Ways {
  nanoseconds out{};
  nanoseconds back{};
  nanoseconds held{};
};

inline ClockExchange exchange(const Clocks& clocks, WallTime at, const Ways& ways) {
  const WallTime received = at + ways.out;
  const WallTime answered = received + ways.held;
  return {clocks.near(at), clocks.far(received), clocks.far(answered),
          clocks.near(answered + ways.back)};
}

inline constexpr nanoseconds trial_time = 10s;

/// As a session makes them: 8 before a trial, one each 100 ms, and 8 after it. `ways` tells for the
/// time since the start, which is before 0 and after `trial_time` outside of it.
inline std::vector<ClockExchange> around_a_trial(const Clocks& clocks,
                                                 const std::function<Ways(nanoseconds)>& ways) {
  std::vector<ClockExchange> exchanges;
  const auto add = [&](nanoseconds at) {
    exchanges.push_back(exchange(clocks, start + at, ways(at)));
  };
  for (int i = 8; i > 0; --i) add(-i * 2ms);
  for (nanoseconds at = 0ns; at < trial_time; at += 100ms) add(at);
  for (int i = 1; i <= 8; ++i) add(trial_time + i * 2ms);
  return exchanges;
}

inline bool idle(nanoseconds at) {
  return at < 0ns || at > trial_time;
}

inline bool holds_the_truth(const ClockOffset& result, const Clocks& clocks) {
  for (nanoseconds at = -10s; at <= 30s; at += 250ms) {
    const WallTime now = start + at;
    const nanoseconds wrong = std::chrono::abs(result.at(now) - clocks.true_offset(now));
    if (!result.bound_at(now) || wrong > *result.bound_at(now)) return false;
  }
  return true;
}

}  // namespace netduel::test
