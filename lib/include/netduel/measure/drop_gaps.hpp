#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

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
///
/// Gaps are kept by kind: how many messages were missing per drop, as a fraction in lowest terms,
/// because min(k g, k d s) = k min(g, d s) lets all gaps of one kind be added up without loss.
/// Memory is fixed (4096 kinds; more are kept as bounds) and taken at once. Not thread-safe; a
/// plain value.
class NETDUEL_EXPORT DropGaps {
 public:
  DropGaps() { gaps_.reserve(kinds_kept); }

  /// Call for every arrival, in the order of reading, with its placement and
  /// Received::queue_drops.
  void observe(Placement placement, std::uint32_t queue_drops) {
    // Without a drop there is nothing to tie a gap to: it is the network's.
    if (queue_drops == last_queue_drops_ && carried_drops_ == 0) return;
    observe_drops(placement, queue_drops);
  }
  /// The end of the stream: numbers missing after the largest seen, and the socket's drop counter
  /// after the last read, of which the lower 32 bits count. nullopt for the counter: the platform
  /// can't tell, and any of the numbers missing at the end may have been dropped here.
  void close(std::uint64_t missing_at_the_end, std::optional<std::uint64_t> final_drops);

  /// Drops that the socket counted, in super-packets.
  std::uint64_t drops() const { return drops_; }
  /// Drops that fit no gap: duplicates, late or foreign datagrams were dropped, or gaps were
  /// filled later.
  std::uint64_t drops_outside_gaps() const { return drops_outside_gaps_ + carried_drops_; }

  /// How many of the messages missing in gaps were dropped in this host. A gap of g messages with
  /// d drops holds between min(g, d * smallest) and min(g, d * largest) of them, if what was
  /// dropped was missing: drops outside gaps, and duplicates dropped, are the ledger's to weigh.
  Bounds messages_dropped(SuperPacketSize size) const;

 private:
  friend struct MeterArchive;

  struct Kind {
    /// In lowest terms.
    std::uint64_t missing;
    std::uint64_t drops;
    std::uint64_t times;
  };

  void observe_drops(Placement placement, std::uint32_t queue_drops);
  std::uint64_t newly_dropped(std::uint32_t queue_drops);
  void attribute(std::uint64_t missing, std::uint64_t drops);
  void add(std::uint64_t missing, std::uint64_t drops);

  static constexpr std::size_t kinds_kept = 4096;

  /// Sorted by kind.
  std::vector<Kind> gaps_;
  /// Of gaps whose kind was one too many: the sums of g and of d.
  std::uint64_t overflow_missing_ = 0;
  std::uint64_t overflow_drops_ = 0;
  std::uint64_t drops_ = 0;
  std::uint64_t drops_outside_gaps_ = 0;
  /// Told by an arrival that isn't at its place, so that they belong to the next gap.
  std::uint64_t carried_drops_ = 0;
  /// Missing at the end where nobody counted the drops.
  std::uint64_t unwatched_ = 0;
  std::uint32_t last_queue_drops_ = 0;
};

}  // namespace netduel
