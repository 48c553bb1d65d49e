#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "netduel/measure/sequence_window.hpp"
#include "os/host_counters.hpp"
#include "session/carrier.hpp"
#include "session/ends.hpp"

namespace netduel {

/// How another thread tells a receiving loop that the sender is done.
class Closing {
 public:
  /// The stream holds this many messages; receive until `deadline` and no longer.
  void close(std::uint64_t final_count, Deadline deadline) {
    final_count_ = final_count;
    deadline_.store(deadline.time_since_epoch().count());
  }
  Deadline deadline() const { return Deadline(Deadline::duration(deadline_.load())); }
  std::uint64_t final_count() const { return final_count_; }

 private:
  std::atomic<std::uint64_t> final_count_{0};
  std::atomic<Deadline::rep> deadline_{Deadline::max().time_since_epoch().count()};
};

/// Receives one stream of probes, sorts out what isn't of it, and places and meters the rest.
class ReceivingLoop {
 public:
  /// `host_before`: from before the inlet was opened, so that none of its drops is missed.
  /// `may_stay_awake`: nothing that the trial needs waits for this thread's processor.
  ReceivingLoop(const Plan& plan, Inlet& inlet, const os::UdpHostTotals& host_before,
                bool may_stay_awake = false);

  /// Returns at the closing's deadline, or at the end of a stream.
  ReceiverReport run(const Endpoint& source, const Closing& closing);

 private:
  End receive_some(Deadline deadline);
  ReceiveResult receive(Deadline deadline);
  Deadline drained(Deadline closed) const;
  void read_what_is_left();
  bool is_from_source(const Endpoint& from) const;
  void observe(const Received& received);
  void close_counts(std::uint64_t final_count);

  const Plan& plan_;
  Inlet& inlet_;
  os::UdpHostTotals host_before_;
  bool stays_awake_;
  Endpoint source_;
  Deadline last_arrival_{};
  SequenceWindow window_;
  ReceiverReport report_;
};

}  // namespace netduel
