#pragma once

#include <chrono>
#include <cstddef>

#include "experiment/compare.hpp"
#include "session/trial.hpp"

namespace netduel::test {

/// A trial of half a second in which everything that was sent arrived evenly spread, so that its
/// goodput is as asked, each message after the same delay.
inline TrialResult trial(Transport transport, double bits_per_second,
                         std::chrono::nanoseconds delay = std::chrono::microseconds(50)) {
  constexpr std::uint64_t messages = 100;
  constexpr auto time = std::chrono::milliseconds(500);
  const WallTime start{std::chrono::seconds(1'700'000'000)};
  TrialResult result;
  result.plan.transport = transport;
  result.plan.receiver = Endpoint::loopback(IpVersion::v4, 5000);
  result.plan.time = time;
  const double octets = bits_per_second * std::chrono::duration<double>(time).count() / 8;
  result.sender.counts = {.offered = messages, .sent = messages};
  result.sender.first_sent = start;
  for (std::uint64_t i = 0; i < messages; ++i) {
    const WallTime read_at = start + time * static_cast<int>(i + 1) / static_cast<int>(messages);
    const Arrival arrival{.sequence = i,
                          .octets = static_cast<std::uint32_t>(octets / messages),
                          .sent = i == 0 ? start : read_at - delay,
                          .arrived = read_at,
                          .read_at = read_at};
    result.receiver.meter.observe(arrival, {});
  }
  result.receiver.counts.unique = messages;
  result.receiver.counts.next_expected = messages;
  result.receiver.counts.drops_known = true;
  result.sender.socket.segmentation_offload = true;
  result.ledger =
      close_ledger(result.sender.counts, result.receiver.counts,
                   {.loopback = true, .guaranteed_by_service = transport == Transport::tcp});
  return result;
}

inline void add_pair(Comparison& comparison, Part part, TrialResult udp, TrialResult tcp) {
  std::size_t pair = 0;
  for (const auto& known : comparison.trials) pair += known.part == part;
  comparison.trials.push_back({part, pair / 2, std::move(udp)});
  comparison.trials.push_back({part, pair / 2, std::move(tcp)});
}

/// Pairs at full speed whose UDP goodput is `ratio` times TCP's.
inline Comparison full_speed(std::size_t pairs, double ratio) {
  Comparison comparison;
  comparison.processors = {.sender = {1}, .receiver = {0}};
  for (std::size_t i = 0; i < pairs; ++i) {
    const double tcp = 1e9 + 1e7 * static_cast<double>(i);
    add_pair(comparison, Part::full_speed, trial(Transport::udp, ratio * tcp),
             trial(Transport::tcp, tcp));
  }
  return comparison;
}

}  // namespace netduel::test
