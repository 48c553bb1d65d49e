#include "experiment/local_trials.hpp"

#include <algorithm>
#include <utility>

#include "session/local_ends.hpp"

namespace netduel {

bool was_disturbed(const PathTrial& trial) {
  constexpr double noticeable = 0.01;
  const Ledger& ledger = trial.result.ledger;
  const bool lost_here =
      ledger.lost_in_host && ledger.lost_in_host->high > 0 && !trial.result.plan.window_octets;
  const auto skipped = static_cast<double>(
      ledger.skipped - std::min(ledger.skipped, trial.result.sender.left_at_the_end));
  const auto due = static_cast<double>(ledger.offered + ledger.skipped);
  const std::uint64_t packets =
      trial.link ? trial.link->there.packets_in + trial.link->back.packets_in : 0;
  const bool late =
      static_cast<double>(trial.left_very_late) > noticeable * static_cast<double>(packets);
  return trial.missed_by_the_lab > 0 || lost_here || skipped > noticeable * due || late;
}

LocalPlaces local_places(Lab* lab, const Processors& processors) {
  // An emulated path's own thread may share the receiver's processor.
  return {
      .sender = {.processors = processors.sender, .network = lab != nullptr ? &lab->a() : nullptr},
      .receiver = {.processors = processors.receiver,
                   .network = lab != nullptr ? &lab->b() : nullptr,
                   .alone = lab == nullptr && processors.apart()}};
}

PathTrial held_against(TrialResult trial, const Truth& before, const Truth& truth) {
  PathTrial held{std::move(trial)};
  Endpoint& source = held.result.sender.source;
  if (source.is_unspecified()) {
    source = Lab::address_of_a(source.version()).with_port(source.port());
  }
  const auto rise = [&](Direction direction, std::uint64_t DirectionTruth::*count) {
    return truth.of(direction).*count - before.of(direction).*count;
  };
  const std::uint64_t missed = rise(Direction::a_to_b, &DirectionTruth::missed_by_the_lab);
  held.link = hold_against_link(held.result, truth, missed);
  held.missed_by_the_lab = missed + rise(Direction::b_to_a, &DirectionTruth::missed_by_the_lab);
  held.left_very_late = rise(Direction::a_to_b, &DirectionTruth::left_very_late) +
                        rise(Direction::b_to_a, &DirectionTruth::left_very_late);
  return held;
}

PathTrial LocalTrials::run(const Plan& plan, std::stop_token stop) {
  const LocalPlaces places = local_places(lab_, processors_);
  LocalReceivingEnd receiver(places.receiver);
  LocalSendingEnd sender(places.sender);
  // Each trial sees the same changes.
  if (lab_ != nullptr) lab_->restart_script();
  TrialResult trial = run_trial(plan, sender, receiver, std::move(stop));
  if (lab_ == nullptr) return {std::move(trial)};
  Truth truth = lab_->truth();
  PathTrial held = held_against(std::move(trial), before_, truth);
  before_ = std::move(truth);
  return held;
}

}  // namespace netduel
