#pragma once

#include <cstdint>
#include <optional>

#include "lab/truth.hpp"
#include "session/test_record.hpp"
#include "session/trial.hpp"

namespace netduel {

/// What a link says of a trial's flow.
struct FlowOnLink {
  /// Which of the link's flows of its protocol it was.
  std::uint64_t ordinal = 0;
  /// From a to b, as the messages went.
  LinkCounts there = {};
  /// What came the other way: TCP's answers.
  LinkCounts back = {};
};

/// Finds a trial's flow in what the link says of itself and holds the trial's ledger against it,
/// where each message was one packet and the trial ran to its end. `missed_frames` is what the lab
/// itself has dropped from a to b since the trial began. nullopt when the link saw nothing of it.
std::optional<FlowOnLink> hold_against_link(TrialResult& trial, const Truth& truth,
                                            std::uint64_t missed_frames);

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
