#include "experiment/local_trials.hpp"

#include <utility>

#include "session/local_ends.hpp"

namespace netduel {

LocalPlaces local_places(Lab* lab, const Processors& processors) {
  // An emulated path's own thread may share the receiver's processor.
  return {
      .sender = {.processors = processors.sender, .network = lab != nullptr ? &lab->a() : nullptr},
      .receiver = {.processors = processors.receiver,
                   .network = lab != nullptr ? &lab->b() : nullptr,
                   .alone = lab == nullptr && processors.apart()}};
}

PathTrial held_against(TrialResult trial, const Truth& truth, std::uint64_t missed_frames) {
  PathTrial held{std::move(trial)};
  Endpoint& source = held.result.sender.source;
  if (source.is_unspecified()) {
    source = Lab::address_of_a(source.version()).with_port(source.port());
  }
  held.link = hold_against_link(held.result, truth, missed_frames);
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
  const Truth truth = lab_->truth();
  const std::uint64_t missed = truth.a_to_b.missed_by_the_lab;
  return held_against(std::move(trial), truth, missed - std::exchange(missed_before_, missed));
}

}  // namespace netduel
