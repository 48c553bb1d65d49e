#pragma once

#include <chrono>
#include <optional>

namespace netduel::os {

/// How far the wall clock is ahead of the monotonic one. What this changes by is what the wall
/// clock was set by: whatever steers the two steers both. Thread-safe.
std::chrono::nanoseconds wall_minus_monotonic();

/// The same by one reading of each, for who asks often; nullopt when this thread lost the processor
/// between them, as the figure would be off by that time.
std::optional<std::chrono::nanoseconds> wall_minus_monotonic_at_once();

}  // namespace netduel::os
