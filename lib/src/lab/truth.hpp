#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/lab_spec.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// What a link did to the packets of one flow, protocol or direction, in wire packets:
/// packets_in + duplicated = forwarded + lost + queue + down + held_at_the_end.
struct LinkCounts {
  std::uint64_t packets_in = 0;
  std::uint64_t octets_in = 0;  ///< of IP
  std::uint64_t forwarded = 0;  ///< copies included
  std::uint64_t dropped_loss = 0;
  std::uint64_t dropped_queue = 0;
  std::uint64_t dropped_down = 0;
  std::uint64_t duplicated = 0;  ///< copies made
  std::uint64_t reordered = 0;   ///< RFC 4737: the order out against the order in, first copies
  std::uint64_t corrupted = 0;
  std::uint64_t marked = 0;
  /// Came to the link out of order already; absent where the packets bear no number that would
  /// tell (UDP).
  std::optional<std::uint64_t> arrived_out_of_order;
  /// Still in the link.
  std::uint64_t held_at_the_end = 0;

  LinkCounts& operator+=(const LinkCounts& more);
};

struct FlowTruth {
  std::string protocol;  ///< "udp", "tcp", "icmp", "icmpv6", "arp", "other"
  std::uint64_t ordinal = 0;
  Endpoint source;  ///< of packets in this direction
  Endpoint destination;
  LinkCounts counts;
};

/// The longest that the queue before a bottleneck was in each of some equal stretches of time.
struct QueueOverTime {
  std::chrono::nanoseconds stretch{};
  std::vector<std::uint64_t> most_packets;
  std::vector<std::uint64_t> most_octets;
};

struct DirectionTruth {
  LinkCounts all;
  LinkCounts udp;
  LinkCounts tcp;
  std::vector<FlowTruth> flows;
  QueueOverTime queue;
  /// Frames, a super-packet being one, that never came to the link or never left it through a fault
  /// of the lab itself: the ring was full, the host took it not. Counted apart, as no impairment.
  std::uint64_t missed_by_the_lab = 0;
  /// Left more than 1 ms and more than 5 ms after they were to, and the latest of all: the machine
  /// was busy. Counts are right all the same.
  std::uint64_t left_late = 0;
  std::uint64_t left_very_late = 0;
  std::chrono::nanoseconds latest{};
};

/// What to bear in mind about a truth.
struct TruthNote {
  /// "lab_dropped_frames", "lab_was_late", "host_reordered_tcp" or "capture_incomplete".
  std::string id;
  std::string text;
};

/// What a lab's link really did.
struct Truth {
  LabSpec spec;
  DirectionTruth a_to_b;
  DirectionTruth b_to_a;
  std::chrono::nanoseconds duration{};
  bool trustworthy = true;
  /// Why not, or what to bear in mind.
  std::vector<TruthNote> why;

  const DirectionTruth& of(Direction direction) const {
    return direction == Direction::a_to_b ? a_to_b : b_to_a;
  }
};

/// Rows of the document "netduel/truth/1" (docs/lab.md).
Report describe(const Truth& truth);
/// The same below the current scope of a report.
void describe(const Truth& truth, Report& report);
/// Rows of counts, below the current scope: those of a flow in the truth.
void describe(const LinkCounts& counts, Report& report);
/// Rows of an impairment, below the current scope: the plan of a document.
void describe(const Impairment& impairment, Report& report);
/// What the documents of all labs say of a direction, and at their end of whether they can be
/// trusted; below the current scope.
void describe(const DirectionTruth& truth, Report& report);
void describe_trust(bool trustworthy, const std::vector<TruthNote>& why, Report& report);
/// A few lines for people.
std::string to_text(const Truth& truth);
/// "1,000 packets in, 990 out, 10 lost".
std::string in_words(const DirectionTruth& truth);
/// Lines, if there is anything to bear in mind.
std::string trust_in_words(bool trustworthy, const std::vector<TruthNote>& why);

}  // namespace netduel
