#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>

#include "experiment/link_truth.hpp"
#include "lab/lab.hpp"
#include "session/place.hpp"
#include "session/processors.hpp"
#include "session/trial.hpp"

namespace netduel {

/// A trial, and over an emulated path what the link says of its flow.
struct PathTrial {
  TrialResult result;
  std::optional<FlowOnLink> link = {};
};

/// Where the two ends of a trial in this process run: over an emulated path from its host a to its
/// host b, or, without one, over loopback.
struct LocalPlaces {
  Place sender;
  Place receiver;
};
LocalPlaces local_places(Lab* lab, const Processors& processors);

/// Holds a trial over an emulated path against what that says of itself. `missed_frames` is what
/// the lab has dropped since the trial began.
PathTrial held_against(TrialResult trial, const Truth& truth, std::uint64_t missed_frames);

/// Trials whose ends are both in this process, over loopback or an emulated path from its host a to
/// its host b: one after the other, each ledger held against the link.
class LocalTrials {
 public:
  /// `lab` is started and outlives this; null for loopback.
  LocalTrials(Lab* lab, const Processors& processors) : lab_(lab), processors_(processors) {}

  /// The path's script of changes begins with each. Throws as `run_trial` does.
  PathTrial run(const Plan& plan, std::stop_token stop);

 private:
  Lab* lab_;
  Processors processors_;
  std::uint64_t missed_before_ = 0;
};

}  // namespace netduel
