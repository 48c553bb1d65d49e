#include "os/wall_offset.hpp"

#include "netduel/base/time.hpp"

namespace netduel::os {
namespace {

using Clock = std::chrono::steady_clock;

/// The wall clock read between two readings of the monotonic one.
struct Reading {
  Clock::duration apart{};
  std::chrono::nanoseconds offset{};
};

Reading read_clocks() {
  const auto before = Clock::now();
  const auto wall = wall_now();
  const auto after = Clock::now();
  const auto apart = after - before;
  return {apart, wall.time_since_epoch() - (before + apart / 2).time_since_epoch()};
}

}  // namespace

std::chrono::nanoseconds wall_minus_monotonic() {
  // The closest of a few: this thread may lose the processor in between.
  constexpr int readings = 5;
  Reading closest = read_clocks();
  for (int i = 1; i < readings; ++i) {
    const Reading reading = read_clocks();
    if (reading.apart < closest.apart) closest = reading;
  }
  return closest.offset;
}

std::optional<std::chrono::nanoseconds> wall_minus_monotonic_at_once() {
  // Three readings take less than a microsecond, or a few where the kernel is asked for each.
  constexpr auto close_together = std::chrono::microseconds(20);
  const Reading reading = read_clocks();
  return reading.apart <= close_together ? std::optional(reading.offset) : std::nullopt;
}

}  // namespace netduel::os
