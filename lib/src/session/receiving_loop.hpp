#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "os/host_counters.hpp"
#include "session/arrival_book.hpp"
#include "session/carrier.hpp"
#include "session/ends.hpp"
#include "session/live_counters.hpp"

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

/// Receives one stream of messages, sorts out what isn't of it, and places and meters the rest. One
/// run only: either by `run`, or by `start`, steps and `finish`, where a thread has other streams
/// to serve as well.
class ReceivingLoop {
 public:
  using Clock = std::chrono::steady_clock;
  /// How long a receiver at full speed polls before it sleeps: longer than it takes to fill a
  /// super-packet. 20 us gave a little less, 100 us no more.
  static constexpr auto longest_awake = std::chrono::microseconds(50);

  /// `host_before`: from before the inlet was opened, so that none of its drops is missed.
  /// `may_stay_awake`: nothing that the trial needs waits for this thread's processor.
  ReceivingLoop(const Plan& plan, Inlet& inlet, const os::HostTotals& host_before,
                bool may_stay_awake = false);

  /// Returns at the closing's deadline, or at the end of a stream.
  ReceiverReport run(const Endpoint& source, const Closing& closing);

  /// `closing` outlives the steps.
  void start(const Endpoint& source, const Closing& closing);
  struct Step {
    bool over = false;
    /// More may be there already.
    bool at_once = false;
    /// When to go on though nothing has come.
    Deadline wake = Deadline::max();
  };
  /// Takes what is there; waits for it up to `longest_wait`.
  Step step(std::chrono::nanoseconds longest_wait);
  /// Ends receiving: reads what came in time.
  void stop();
  /// What came, of a stream that holds this many messages.
  ReceiverReport finish(std::uint64_t final_count);
  /// The same while the loop keeps it: a better count may follow.
  ReceiverReport report(std::uint64_t final_count) const;

  /// Any thread may look.
  const LiveCounters& live() const { return live_; }
  /// The fewest messages that the stream can hold, from what has come; after `stop`.
  std::uint64_t least_count() const { return book_.next_expected(); }
  /// Of those, how many before the first measured one, where the format can't tell them apart.
  std::uint64_t omitted_numbers() const { return base_; }

 private:
  End receive_some(Deadline deadline);
  ReceiveResult receive(Deadline deadline);
  Deadline deadline() const;
  Deadline drained(Deadline closed) const;
  void read_what_is_left();
  bool is_from_source(const Endpoint& from) const;
  void observe(const Received& received);
  void observe_message(const Received& received, const Probe& probe);
  bool omits(std::uint64_t& sequence);
  void end_omitted_time();
  std::uint64_t arrivals() const;
  void show();

  const Plan& plan_;
  Inlet& inlet_;
  os::HostTotals host_before_;
  bool has_an_end_;
  bool stays_awake_;
  const Closing* closing_ = nullptr;
  Endpoint source_;
  std::chrono::nanoseconds cpu_before_{};
  Clock::time_point start_{};
  Deadline last_arrival_{};
  End end_ = End::open;
  /// Until the omitted time is over, for formats whose numbers don't tell.
  bool omitting_ = false;
  /// The number of the first measured message.
  std::uint64_t base_ = 0;
  std::uint64_t omitted_octets_ = 0;
  ArrivalBook book_;
  /// The book's.
  ReceiverReport& report_;
  LiveCounters live_;
};

}  // namespace netduel
