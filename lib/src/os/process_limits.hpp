#pragma once

#include <chrono>

namespace netduel::os {

/// Processor time that this process has used, all its threads together.
struct ProcessTime {
  std::chrono::nanoseconds user{};
  std::chrono::nanoseconds system{};
};
ProcessTime process_time();

/// Lets this process open as many sockets as the system allows it at most (RLIMIT_NOFILE): common
/// defaults are for programs with a few.
void raise_handle_limit();

}  // namespace netduel::os
