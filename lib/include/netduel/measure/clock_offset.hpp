#pragma once

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netduel/base/export.hpp"
#include "netduel/base/time.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

// What two hosts' clocks differ by, and how well that is known. One host asks (its clock is the
// near one) and the other answers (the far one). Pure, thread-safe.

/// The furthest that two clocks' rates may differ: RFC 5905's frequency tolerance (MAXFREQ in its
/// appendix A), beyond which a clock is taken for set, or broken.
inline constexpr double most_clock_skew = 500e-6;

/// One question and its answer (RFC 5905, section 8: T1 to T4). Each time is read in this order:
/// `asked` before sending and `came_back` after receiving. Times from 1970 to 2115.
struct ClockExchange {
  WallTime asked{};      ///< T1, near clock
  WallTime received{};   ///< T2, far clock
  WallTime answered{};   ///< T3, far clock
  WallTime came_back{};  ///< T4, near clock

  /// How long it travelled: without the time that the far end held it.
  std::chrono::nanoseconds round_trip() const {
    return (came_back - asked) - (answered - received);
  }
  /// Far less near, where both ways took equally long. Whatever they took, the truth is within
  /// half a round trip of it: T2 - T1 is the offset and one way, T3 - T4 the offset less the other.
  std::chrono::nanoseconds offset() const {
    return ((received - asked) + (answered - came_back)) / 2;
  }
};

/// Far clock less near clock as a line over near time: far = near + at(near). A plain value; one
/// that has only its `offset` is the same at all times.
struct ClockOffset {
  /// At `reference`, near time.
  std::chrono::nanoseconds offset{};
  WallTime reference{};
  /// Far seconds per near second, less 1. Absent where the exchanges alone don't keep it within
  /// 500 ppm, as they span too little; the line is flat then.
  std::optional<double> skew = {};
  /// How far the true skew may be from that (from 0 where it is absent).
  double skew_bound = most_clock_skew;
  /// The true offset is never further than this from the line, from `first` to `last` and whatever
  /// each way took, if neither clock was set and their rates didn't change in between. Absent where
  /// that is known to be wrong (`stepped`).
  std::optional<std::chrono::nanoseconds> bound = {};
  WallTime first{};
  WallTime last{};
  /// No line within 500 ppm agrees with all exchanges: a clock was set while they were made, or
  /// changed its rate by more than they tell. `offset` is that of the shortest exchange then.
  bool stepped = false;
  /// The one nearest to 0: a far clock that is fast while it holds a question can make it negative.
  std::chrono::nanoseconds minimum_round_trip{};
  std::size_t exchanges = 0;

  std::chrono::nanoseconds at(WallTime near) const {
    return offset + part(near - reference, skew.value_or(0));
  }
  /// When, by the near clock, the far one showed `far`. Cheap enough for each arrival.
  WallTime to_near(WallTime far) const {
    const std::chrono::nanoseconds since = far - reference - offset;
    const double slope = skew.value_or(0);
    return reference + since - part(since, slope / (1 + slope));
  }
  /// `bound`, and more outside of `first` to `last`, by what the skew isn't known to.
  NETDUEL_EXPORT std::optional<std::chrono::nanoseconds> bound_at(WallTime near) const;
  /// A one-way delay is to be told only where what it may be wrong by is smaller than itself.
  bool usable_for_delay(std::chrono::nanoseconds delay) const { return bound && *bound < delay; }

 private:
  static std::chrono::nanoseconds part(std::chrono::nanoseconds of, double ratio) {
    const double exact = static_cast<double>(of.count()) * ratio;
    return std::chrono::nanoseconds{static_cast<std::int64_t>(std::llround(exact))};
  }
};

/// From exchanges in any order, some of them before and some after what is to be measured. Those
/// whose times can't be (before 1970, after 2115) are left out; nullopt when none is left. Slow
/// ones do no harm: they only say less than others.
NETDUEL_EXPORT std::optional<ClockOffset> estimate_clock_offset(
    std::span<const ClockExchange> exchanges);

/// Whose clock stamped the arrivals of a stream; the other one its sending.
enum class ReceivingClock : std::uint8_t { near_clock, far_clock };

/// An arrival with all of its times on the near clock, by an offset that is assumed until more is
/// known. For metrics, which want delays rather than hours: what they recorded of them is then
/// small, and exact within 1 % of itself.
inline Arrival on_near_clock(Arrival arrival, ReceivingClock receiver, const ClockOffset& assumed) {
  if (receiver == ReceivingClock::near_clock) {
    arrival.sent = assumed.to_near(arrival.sent);
  } else {
    arrival.arrived = assumed.to_near(arrival.arrived);
    arrival.read_at = assumed.to_near(arrival.read_at);
  }
  return arrival;
}

/// What delays that were recorded by an assumed offset are to be shifted by (`Delay::shifted`) once
/// more is known, and how far any of them may then be from the truth, apart from rounding to 1 %.
struct DelayCorrection {
  std::chrono::nanoseconds shift{};
  std::optional<std::chrono::nanoseconds> bound = {};  ///< absent where a clock was set meanwhile

  /// As ClockOffset's. `delay` is one that was shifted.
  bool usable_for_delay(std::chrono::nanoseconds delay) const { return bound && *bound < delay; }
};

/// For a stream from `from` to `to`, by the near clock. One shift can't undo a drift: what
/// `assumed` and `known` moved apart in that time is halved by it and widens the bound.
NETDUEL_EXPORT DelayCorrection delay_correction(const ClockOffset& assumed,
                                                const ClockOffset& known, ReceivingClock receiver,
                                                WallTime from, WallTime to);

}  // namespace netduel
