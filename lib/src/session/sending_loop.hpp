#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <stop_token>
#include <vector>

#include "session/carrier.hpp"
#include "session/ends.hpp"
#include "session/schedule.hpp"

namespace netduel {

/// Sends one stream of probes as the plan's schedule says, and counts what became of each.
/// Everything is allocated before the first message. One run only.
class SendingLoop {
 public:
  SendingLoop(const Plan& plan, Outlet& outlet);

  /// Returns when the plan's time is over or `stop` is asked for; never hangs on a stalled peer.
  SenderReport run(std::stop_token stop);

 private:
  using Clock = std::chrono::steady_clock;
  using Elapsed = Schedule::Elapsed;

  bool over(Elapsed now) const;
  Elapsed elapsed() const { return Clock::now() - start_; }
  void pause(Elapsed next);
  std::size_t stamp(const Schedule::Turn& turn, Elapsed now);
  void offer(std::span<const Bytes> batch, std::stop_token stop);
  std::size_t settle(const SendResult& result, std::span<const Bytes> batch);
  void renumber(std::span<const Bytes> batch);
  std::span<std::byte> message(std::size_t index);
  void close();

  const Plan& plan_;
  Outlet& outlet_;
  Schedule schedule_;
  std::vector<std::byte> slab_;
  std::vector<Bytes> messages_;
  Clock::time_point start_;
  WallTime wall_start_;
  bool broken_ = false;
  SenderReport report_;
};

}  // namespace netduel
