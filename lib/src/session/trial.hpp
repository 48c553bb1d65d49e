#pragma once

#include <stop_token>

#include "netduel/measure/ledger.hpp"
#include "session/ends.hpp"
#include "session/plan.hpp"

namespace netduel {

/// One run of a plan, with what each end knew of it and the ledger closed from the two.
struct TrialResult {
  Plan plan;
  SenderReport sender;
  ReceiverReport receiver;
  Ledger ledger;
  bool interrupted = false;
};

/// Runs a trial over two ends, wherever they are. Returns early, with what was measured, when asked
/// to stop. Throws std::system_error when an end can't be set up, also when the stop came first.
TrialResult run_trial(const Plan& plan, SendingEnd& sender, ReceivingEnd& receiver,
                      std::stop_token stop);

}  // namespace netduel
