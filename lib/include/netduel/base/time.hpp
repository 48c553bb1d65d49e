#pragma once

#include <chrono>

namespace netduel {

/// A moment on the system's wall clock (CLOCK_REALTIME on Linux), to the nanosecond. The kernel
/// stamps arrivals on this clock, so send times use it too.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A moment on the monotonic clock by which a call returns. One in the past means: poll.
using Deadline = std::chrono::steady_clock::time_point;

/// The wall clock now. Thread-safe.
inline WallTime wall_now() {
  return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

}  // namespace netduel
