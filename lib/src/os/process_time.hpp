#pragma once

#include <chrono>

namespace netduel::os {

/// Processor time that this process has used, all its threads together.
struct ProcessTime {
  std::chrono::nanoseconds user{};
  std::chrono::nanoseconds system{};
};
ProcessTime process_time();

}  // namespace netduel::os
