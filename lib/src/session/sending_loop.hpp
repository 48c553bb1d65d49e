#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "session/carrier.hpp"
#include "session/ends.hpp"
#include "session/live_counters.hpp"
#include "session/message_budget.hpp"
#include "session/schedule.hpp"

namespace netduel {

/// Sends one stream of messages as the plan's schedule says, and counts what became of each.
/// Everything is allocated before the first message. One run only: either by `run`, or by `start`,
/// steps and `finish`, where a thread has other streams to serve as well.
class SendingLoop {
 public:
  using Clock = std::chrono::steady_clock;

  /// `budget`: how many messages may be sent at most; null for no such limit. Outlives the loop.
  SendingLoop(const Plan& plan, Outlet& outlet, MessageBudget* budget = nullptr);

  /// Returns when the plan's time is over or `stop` is asked for; never hangs on a stalled peer.
  SenderReport run(std::stop_token stop);

  enum class Next : std::uint8_t {
    at_once,    ///< there is more to do
    at_time,    ///< nothing is due before `wake`
    when_room,  ///< the transport is full
    over        ///< all is sent, or the time is over
  };
  struct Step {
    Next next = Next::at_once;
    Deadline wake{};
  };
  void start();
  /// Sends what is due now. A full transport may hold this call up for `longest_wait`.
  Step step(std::chrono::nanoseconds longest_wait);
  /// Counts and closes the sending side. What was due before `due_until` and has not left counts as
  /// skipped, and what comes later was never to be sent: someone wished the end before its time.
  SenderReport finish(Deadline due_until, std::chrono::nanoseconds longest_wait);

  /// Any thread may look.
  const LiveCounters& live() const { return live_; }

 private:
  using Elapsed = Schedule::Elapsed;

  Elapsed end_of_tries() const;
  bool over(Elapsed now) const;
  Elapsed elapsed() const { return Clock::now() - start_; }
  Step pause(Elapsed next) const;
  void end_omitted_time(Elapsed now);
  std::size_t stamp(std::size_t messages, const Schedule::Turn& turn, Elapsed now);
  void offer(Deadline deadline);
  void give_up_pending();
  std::size_t settle(const SendResult& result);
  void renumber(std::span<const Bytes> batch);
  void write(const Probe& probe, std::span<std::byte> message) const;
  std::uint64_t number(std::uint64_t sent) const;
  std::span<std::byte> message(std::size_t index);
  void close(std::chrono::nanoseconds longest_wait);

  const Plan& plan_;
  Outlet& outlet_;
  MessageBudget* budget_;
  Schedule schedule_;
  std::vector<std::byte> slab_;
  std::vector<Bytes> messages_;
  Clock::time_point start_;
  WallTime wall_start_;
  std::chrono::nanoseconds cpu_before_{};
  std::chrono::nanoseconds offset_before_{};
  /// Stamped and not settled yet.
  std::span<const Bytes> pending_;
  bool full_ = false;
  bool broken_ = false;
  bool budget_spent_ = false;
  bool omitting_ = false;
  Elapsed measured_from_{};
  std::uint64_t skipped_before_ = 0;
  LiveCounters live_;
  SenderReport report_;
};

}  // namespace netduel
