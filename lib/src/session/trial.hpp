#pragma once

#include <chrono>
#include <optional>
#include <stop_token>

#include "netduel/measure/ledger.hpp"
#include "session/ends.hpp"
#include "session/plan.hpp"

namespace netduel {

/// What of a trial is known: all of it, unless the other end is another program or its clock can't
/// be compared with ours. What isn't has no figure.
struct Knowledge {
  bool sender = true;
  bool receiver = true;
  /// Which messages came, and in which order; not just how many.
  bool arrivals = true;
  /// One-way delays.
  bool delays = true;
};

/// What came, without duplicates where they can be told, and how long that took.
struct Carried {
  std::uint64_t octets = 0;
  std::chrono::nanoseconds time{};
  /// RFC 3550's, as the other end told it.
  std::optional<std::chrono::duration<double>> jitter = {};
};

/// One run of a plan, with what each end knew of it and the ledger closed from the two.
struct TrialResult {
  /// With the port where the receiving end listened.
  Plan plan;
  SenderReport sender;
  ReceiverReport receiver;
  Ledger ledger;
  bool interrupted = false;
  Knowledge known = {};
  /// Where the times of messages are those of two clocks, or not known at all.
  std::optional<Carried> carried = {};
  /// As more is known of the two clocks than while the messages came.
  std::optional<Delay> corrected_delay = {};
  /// How far delays may be from the truth, as they may be those of two clocks.
  std::chrono::nanoseconds delay_bound{};

  const Delay& delay() const {
    return corrected_delay ? *corrected_delay : receiver.meter.get<Delay>();
  }
};

/// Runs a trial over two ends, wherever they are. Returns early, with what was measured, when asked
/// to stop. Throws std::system_error when an end can't be set up, also when the stop came first.
TrialResult run_trial(const Plan& plan, SendingEnd& sender, ReceivingEnd& receiver,
                      std::stop_token stop);

}  // namespace netduel
