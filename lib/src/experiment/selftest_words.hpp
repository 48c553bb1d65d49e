#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/seconds.hpp"
#include "experiment/selftest_judge.hpp"

namespace netduel {

// What the judgements of the selftest say in the same words.

/// `20 ms`, `-1.50 us`.
std::string in_words(std::chrono::nanoseconds time);

/// Whether the wall clock was set, having moved so far against the monotonic one: whatever steers
/// the two steers both. And that it was, to stand behind "because".
bool was_set(std::chrono::nanoseconds clock_step);
std::string set_in_words(std::chrono::nanoseconds clock_step);

/// Why an emulated path can't be held to what it was asked for; empty when it can. `longest`: how
/// late a packet may leave it.
std::string strain_in_words(const LabStrain& strain, std::chrono::nanoseconds longest);

/// That messages may be missing for another reason than the path.
std::string lost_here_in_words(std::uint64_t messages);

}  // namespace netduel
