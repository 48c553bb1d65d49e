#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "experiment/selftest_judgement.hpp"
#include "measure/integrity.hpp"
#include "netduel/measure/drop_gaps.hpp"
#include "session/trial.hpp"

namespace netduel {

// What the checks of the selftest look at, and what they say to it. Pure: figures in, a judgement
// out. Each can fail, and none does so for what a busy machine explains.

/// Signs that a machine had no time for an emulated path.
struct LabStrain {
  /// Frames that the lab itself dropped.
  std::uint64_t missed_frames = 0;
  std::chrono::nanoseconds latest{};
  bool trustworthy = true;
};

/// A UDP trial over a link that loses, duplicates and reorders, and what the link says of its flow.
struct LedgerEvidence {
  bool offload = false;
  std::uint32_t largest_super_packet_messages = 1;
  Ledger ledger = {};
  std::chrono::nanoseconds drain{};
  std::uint64_t packets_in = 0;
  std::uint64_t dropped = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t reordered = 0;
  std::uint64_t held_at_the_end = 0;
  LabStrain strain = {};
};
Judgement judge(const LedgerEvidence& seen);

/// A TCP trial over the same kind of link.
struct TcpEvidence {
  std::uint64_t sent = 0;
  std::uint64_t delivered = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t out_of_order = 0;
  std::uint64_t corrupted = 0;
  bool read_to_the_end = true;
  std::optional<std::uint64_t> retransmitted_segments = {};
  /// Segments that the link dropped on their way to the receiver.
  std::uint64_t dropped = 0;
};
Judgement judge(const TcpEvidence& seen);

/// A receive buffer that overflows on loopback.
struct OverflowEvidence {
  bool offload = false;
  SuperPacketSize super_packets{};
  Ledger ledger = {};
  bool drops_known = false;
  std::optional<std::uint64_t> socket_drops = {};
  /// How much the host's RcvbufErrors and MemErrors rose meanwhile; what else this host received
  /// may be among them.
  std::optional<std::uint64_t> host_errors = {};
  std::optional<std::uint64_t> softnet_drops = {};
};
Judgement judge(const OverflowEvidence& seen);

/// A trial of verified messages over a link that flips bits in some and swaps words in others.
struct IntegrityEvidence {
  Transport transport{};
  std::uint64_t sent = 0;
  IntegrityCounts told = {};
  bool read_to_the_end = true;
  /// Packets to the receiver, in either way.
  std::uint64_t corrupted_by_link = 0;
  std::uint64_t lost_in_host = 0;
  std::chrono::nanoseconds drain{};
  LabStrain strain = {};

  std::uint64_t missing() const;
};
Judgement judge(const IntegrityEvidence& seen);

/// Checksums as the program makes them, beside those that are known.
struct ChecksumEvidence {
  std::uint64_t compared = 0;
  std::uint64_t wrong = 0;
};
Judgement judge(const ChecksumEvidence& seen);

/// Arrivals on an idle loopback.
struct StampEvidence {
  std::uint64_t by_kernel = 0;
  std::uint64_t by_application = 0;
  /// Stamped before they were due, and read before they were stamped.
  std::uint64_t before_sent = 0;
  std::uint64_t after_read = 0;
  /// From the stamp to the reading.
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p99{};
  std::chrono::nanoseconds clock_step{};
};
Judgement judge(const StampEvidence& seen);

/// How a paced sender kept to its schedule.
struct Pace {
  std::uint64_t skipped = 0;
  std::chrono::nanoseconds late_p50{};
  std::chrono::nanoseconds late_p99{};
  std::chrono::nanoseconds latest{};
  std::chrono::nanoseconds clock_step{};
};

/// A paced trial over loopback, by the stamps of its arrivals.
struct PacingEvidence {
  double asked_bits_per_second = 0;
  std::optional<double> achieved_bits_per_second = {};
  std::chrono::nanoseconds span{};
  std::uint64_t sent = 0;
  /// Messages that a schedule of that rate has in the trial's time, and those that were sent,
  /// refused or skipped: the same, as nothing else can happen to one.
  double due = 0;
  std::uint64_t accounted = 0;
  Pace pace = {};
};
Judgement judge(const PacingEvidence& seen);

/// A bottleneck that is offered more than its rate.
struct LabRateEvidence {
  double rate_bits_per_second = 0;
  /// IP octets by the stamps of their arrivals.
  std::optional<double> delivered_bits_per_second = {};
  std::chrono::nanoseconds span{};
  std::uint64_t sent = 0;
  std::uint64_t dropped_by_queue = 0;
  std::uint64_t lost_in_host = 0;
  Pace pace = {};
  LabStrain strain = {};
};
Judgement judge(const LabRateEvidence& seen);

/// One-way delays by the kernel's stamps over a link of a known delay.
struct LabDelayEvidence {
  std::chrono::nanoseconds asked{};
  std::uint64_t arrivals = 0;
  std::chrono::nanoseconds least{};
  std::chrono::nanoseconds p50{};
  std::chrono::nanoseconds p99{};
  Pace pace = {};
  LabStrain strain = {};
};
Judgement judge(const LabDelayEvidence& seen);

/// One batch of messages from socket to socket over loopback, with offload at the receiver and
/// without.
struct OffloadEvidence {
  std::uint64_t messages = 0;
  bool has_segmentation = false;
  bool has_joining = false;
  /// The most that the sender handed over as one packet.
  std::uint64_t sent_together = 0;
  /// The most that came as one packet to a receiver that asks for it, and to one that doesn't.
  std::uint64_t joined = 0;
  std::uint64_t joined_unasked = 0;
  /// Messages that came at both, and those that were whole and in order.
  std::uint64_t came = 0;
  std::uint64_t came_unasked = 0;
  std::uint64_t intact = 0;
  std::uint64_t intact_unasked = 0;
};
Judgement judge(const OffloadEvidence& seen);

/// The clocks that all times are by.
struct ClockEvidence {
  /// The smallest step between two readings of the wall clock that differ.
  std::optional<std::chrono::nanoseconds> resolution = {};
  /// Readings of the monotonic clock that were before one that was made earlier: on one processor,
  /// and handed from one to another; absent where there is only one.
  std::uint64_t backwards = 0;
  std::optional<std::uint64_t> backwards_across = {};
  std::uint64_t readings = 0;
  /// How far the wall clock moved against the monotonic one during the selftest.
  std::chrono::nanoseconds step{};
  std::chrono::nanoseconds over{};
  std::optional<std::string> source = {};
};
Judgement judge(const ClockEvidence& seen);

}  // namespace netduel
