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
  /// What the emulation itself has dropped meanwhile, and what it let leave more than 5 ms late, in
  /// both directions.
  std::uint64_t missed_by_the_lab = 0;
  std::uint64_t left_very_late = 0;
};

/// Whether this machine was too busy for the emulation, for the receiver or for the schedule, so
/// that the figures are not the path's alone. Who has chosen the receiver's buffer wants to see
/// what that loses.
bool was_disturbed(const PathTrial& trial);

/// Where the two ends of a trial in this process run: over an emulated path from its host a to its
/// host b, or, without one, over loopback.
struct LocalPlaces {
  Place sender;
  Place receiver;
};
LocalPlaces local_places(Lab* lab, const Processors& processors);

/// Holds a trial over an emulated path against what that says of itself, as it stood when the trial
/// began and as it stands now.
PathTrial held_against(TrialResult trial, const Truth& before, const Truth& truth);

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
  Truth before_;
};

}  // namespace netduel
