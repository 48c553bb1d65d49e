#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

/// A count known to lie between two numbers, both included; exact when they are equal.
struct Bounds {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const Bounds&, const Bounds&) = default;
};

/// How many messages one dropped super-packet held, at least and at most (1 and 1 without offload).
struct SuperPacketSize {
  std::uint32_t smallest = 1;
  std::uint32_t largest = 1;
};

/// Ties missing messages to drops in the receiver's own socket buffer, gap by gap. Linux tells with
/// each datagram how many drops the socket had counted when that datagram was queued
/// (SO_RXQ_OVFL), so the drops between two arrivals lie in the gap between them. Under UDP_GRO a
/// dropped super-packet counts once whatever it held, so the counter alone understates.
/// Bounded memory (4096 kinds of gap; more are kept as bounds). Not thread-safe; a plain value.
class NETDUEL_EXPORT DropGaps {
 public:
  /// Call for every arrival, in the order of reading, with its placement and
  /// Received::queue_drops.
  void observe(Placement placement, std::uint32_t queue_drops);
  /// The end of the stream: numbers missing after the largest seen, and the socket's drop counter
  /// after the last read. nullopt for the counter: the platform can't tell.
  void close(std::uint64_t missing_at_the_end, std::optional<std::uint64_t> final_drops);

  /// Drops that the socket counted, in super-packets.
  std::uint64_t drops() const { return drops_; }
  /// Drops that fit no gap: duplicates, late or foreign datagrams were dropped, or gaps were
  /// filled later.
  std::uint64_t drops_outside_gaps() const { return pending_drops_; }

  /// How many of the messages missing in gaps were dropped in this host. A gap of g messages with
  /// d drops holds between min(g, d * smallest) and min(g, d * largest) of them.
  Bounds messages_dropped(SuperPacketSize size) const;

 private:
  void add(std::uint64_t missing, std::uint64_t drops);

  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> gaps_;
  std::uint64_t overflow_missing_ = 0;
  std::uint64_t overflow_drops_ = 0;
  std::uint64_t drops_ = 0;
  std::uint64_t pending_drops_ = 0;
  std::uint32_t last_queue_drops_ = 0;
};

}  // namespace netduel
