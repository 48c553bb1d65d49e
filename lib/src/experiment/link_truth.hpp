#pragma once

#include <cstdint>

#include "experiment/compare.hpp"
#include "lab/truth.hpp"
#include "session/test_record.hpp"

namespace netduel {

/// Finds a trial's flow in what the link says of itself and holds the trial's ledger against it,
/// where each message was one packet and the trial ran to its end. `missed_frames` is what the lab
/// itself has dropped from a to b since the trial began.
void hold_against_link(ComparedTrial& trial, const Truth& truth, std::uint64_t missed_frames);

/// What a link had done when the streams of a test began: their set-up is not among their messages.
struct TruthBefore {
  /// When the client, which is host a, began.
  DirectionTruth a_to_b;
  /// When the server, which is host b, began.
  DirectionTruth b_to_a;

  const DirectionTruth& of(Direction direction) const {
    return direction == Direction::a_to_b ? a_to_b : b_to_a;
  }
};

/// The same for each stream of a test over the link, as its client has recorded it: the flow goes
/// into the stream's record, and `ledger_of` has the checks.
void hold_against_link(TestRecord& record, const TruthBefore& before, const Truth& truth);

}  // namespace netduel
