#pragma once

#include <chrono>
#include <ctime>

#include "netduel/base/time.hpp"

namespace netduel::os {

/// From now to the deadline, 0 when it has passed, as the system calls that wait take it.
inline timespec remaining_time(Deadline deadline) {
  using std::chrono::duration_cast, std::chrono::nanoseconds, std::chrono::seconds;
  const Deadline now = std::chrono::steady_clock::now();
  // Compared before subtracted: Deadline::min() is a fair way to say "poll".
  if (deadline <= now) return {};
  const nanoseconds left = deadline - now;
  const auto whole = duration_cast<seconds>(left);
  return {.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
}

}  // namespace netduel::os
