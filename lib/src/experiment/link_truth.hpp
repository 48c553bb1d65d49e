#pragma once

#include <cstdint>

#include "experiment/compare.hpp"
#include "lab/truth.hpp"

namespace netduel {

/// Finds a trial's flow in what the link says of itself and holds the trial's ledger against it,
/// where each message was one packet and the trial ran to its end. `missed_frames` is what the lab
/// itself has dropped from a to b since the trial began.
void hold_against_link(ComparedTrial& trial, const Truth& truth, std::uint64_t missed_frames);

}  // namespace netduel
