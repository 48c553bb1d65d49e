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

PathTrial LocalTrials::run(const Plan& plan, std::stop_token stop) {
  // An emulated path's own thread may share the receiver's processor.
  LocalReceivingEnd receiver({.processors = processors_.receiver,
                              .network = lab_ != nullptr ? &lab_->b() : nullptr,
                              .alone = lab_ == nullptr && processors_.apart()});
  LocalSendingEnd sender(
      {.processors = processors_.sender, .network = lab_ != nullptr ? &lab_->a() : nullptr});
  // Each trial sees the same changes.
  if (lab_ != nullptr) lab_->restart_script();
  PathTrial trial{run_trial(plan, sender, receiver, std::move(stop))};
  if (lab_ == nullptr) return trial;
  Endpoint& source = trial.result.sender.source;
  if (source.is_unspecified()) {
    source = Lab::address_of_a(source.version()).with_port(source.port());
  }
  Truth truth = lab_->truth();
  const auto rise = [&](Direction direction, std::uint64_t DirectionTruth::*count) {
    return truth.of(direction).*count - before_.of(direction).*count;
  };
  const std::uint64_t missed = rise(Direction::a_to_b, &DirectionTruth::missed_by_the_lab);
  trial.link = hold_against_link(trial.result, truth, missed);
  trial.missed_by_the_lab = missed + rise(Direction::b_to_a, &DirectionTruth::missed_by_the_lab);
  trial.left_very_late = rise(Direction::a_to_b, &DirectionTruth::left_very_late) +
                         rise(Direction::b_to_a, &DirectionTruth::left_very_late);
  before_ = std::move(truth);
  return trial;
}

}  // namespace netduel
