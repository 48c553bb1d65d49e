#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

#include "experiment/selftest_steps.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "os/host_counters.hpp"
#include "os/thread.hpp"
#include "os/wall_offset.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t batch_messages = 20;
constexpr std::size_t message_octets = 200;
constexpr auto in_good_time = 500ms;

/// Each of its own octets, so that a message which was cut elsewhere shows.
std::vector<std::byte> batch_of_messages() {
  std::vector<std::byte> octets(batch_messages * message_octets);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] = static_cast<std::byte>(i / message_octets * 7 + i % message_octets);
  }
  return octets;
}

struct Crossed {
  SocketCounters sender;
  SocketCounters receiver;
  std::uint64_t came = 0;
  std::uint64_t intact = 0;
  std::uint64_t joined = 0;
};

/// What comes of the batch, and how much of it as one packet: all its messages have one header.
void receive_batch(UdpSocket& receiver, const std::vector<Bytes>& batch, Crossed& crossed) {
  const Deadline until = Clock::now() + in_good_time;
  while (crossed.came < batch.size()) {
    const ReceiveResult result = receiver.receive(until);
    if (result.end != End::open) return;
    const PacketInfo* packet = nullptr;
    std::uint64_t together = 0;
    for (const Received& message : result.messages) {
      const bool same = message.packet != nullptr && message.packet == packet;
      together = same ? together + 1 : 1;
      packet = message.packet;
      crossed.joined = std::max(crossed.joined, together);
      const std::uint64_t next = crossed.came++;
      if (next < batch.size() && std::ranges::equal(message.payload, batch[next])) {
        ++crossed.intact;
      }
    }
  }
}

Crossed cross(bool receiver_joins) {
  UdpSocket receiver = UdpSocket::open(Endpoint::loopback(IpVersion::v4, 0),
                                       {.offload = receiver_joins, .packet_info = true});
  UdpSocket sender = UdpSocket::open(Endpoint::loopback(IpVersion::v4, 0));
  const std::vector<std::byte> octets = batch_of_messages();
  std::vector<Bytes> batch;
  for (std::size_t i = 0; i < batch_messages; ++i) {
    batch.push_back(Bytes(octets).subspan(i * message_octets, message_octets));
  }
  Crossed crossed;
  (void)sender.send_to(batch, receiver.local(), Clock::now() + in_good_time);
  receive_batch(receiver, batch, crossed);
  crossed.sender = sender.counters();
  crossed.receiver = receiver.counters();
  return crossed;
}

Judgement try_offload(std::uint64_t, const std::stop_token&) {
  const Crossed asked = cross(true);
  const Crossed unasked = cross(false);
  return judge(OffloadEvidence{.messages = batch_messages,
                               .has_segmentation = asked.sender.segmentation_offload,
                               .has_joining = asked.receiver.receive_offload,
                               .sent_together = asked.sender.largest_super_packet_messages,
                               .joined = asked.joined,
                               .joined_unasked = unasked.joined,
                               .came = asked.came,
                               .came_unasked = unasked.came,
                               .intact = asked.intact,
                               .intact_unasked = unasked.intact});
}

std::int64_t reading() {
  return Clock::now().time_since_epoch().count();
}

/// Readings that two threads on processors of their own hand each other: each has to be at or
/// behind the one that it answers.
class HandedReadings {
 public:
  HandedReadings(unsigned one, unsigned other) : processors_{one, other} {}

  void exchange(std::chrono::nanoseconds time) {
    const auto until = Clock::now() + time;
    std::jthread other([&] { take_turns(1, until); });
    std::jthread([&] { take_turns(0, until); }).join();
  }

  std::uint64_t backwards() const { return backwards_; }
  std::uint64_t readings() const { return readings_; }

 private:
  void take_turns(std::uint64_t mine, Clock::time_point until) {
    os::run_on(std::array{processors_[mine]});
    while (Clock::now() < until) {
      const std::uint64_t turn = turn_.load(std::memory_order_acquire);
      if (turn % 2 != mine) continue;
      const std::int64_t now = reading();
      if (now < last_) ++backwards_;
      last_ = now;
      ++readings_;
      turn_.store(turn + 1, std::memory_order_release);
    }
  }

  std::array<unsigned, 2> processors_;
  std::atomic<std::uint64_t> turn_{0};
  /// Of whoever has the turn.
  std::int64_t last_ = 0;
  std::uint64_t backwards_ = 0;
  std::uint64_t readings_ = 0;
};

/// When a selftest began, by both clocks.
struct Beginning {
  Clock::time_point at = Clock::now();
  std::chrono::nanoseconds wall_offset = os::wall_minus_monotonic();
};

void read_clocks(ClockEvidence& seen) {
  constexpr int readings = 20'000;
  std::int64_t last = reading();
  WallTime last_wall = wall_now();
  for (int i = 0; i < readings; ++i) {
    const std::int64_t now = reading();
    if (now < last) ++seen.backwards;
    last = now;
    const WallTime wall = wall_now();
    const auto step = wall - last_wall;
    if (step > 0ns) seen.resolution = std::min(seen.resolution.value_or(step), step);
    last_wall = wall;
  }
  seen.readings += readings;
}

Judgement try_clock(const Beginning& beginning) {
  ClockEvidence seen{.source = os::host_facts().clock_source};
  read_clocks(seen);
  const auto allowed = os::allowed_processors();
  if (allowed.size() > 1) {
    HandedReadings handed(allowed.front(), allowed.back());
    handed.exchange(30ms);
    seen.backwards_across = handed.backwards();
    seen.readings += handed.readings();
  }
  seen.over = Clock::now() - beginning.at;
  seen.step = os::wall_minus_monotonic() - beginning.wall_offset;
  return judge(seen);
}

}  // namespace

void add_system_steps(std::vector<SelftestStep>& steps) {
  steps.push_back({.id = "offload",
                   .name = "super-packets are sent and received where the system has them",
                   .try_once = try_offload});
  steps.push_back({.id = "clock",
                   .name = "the clock is fine, never goes back, and was not set meanwhile",
                   .try_once = [beginning = Beginning()](std::uint64_t, const std::stop_token&) {
                     return try_clock(beginning);
                   }});
}

}  // namespace netduel
