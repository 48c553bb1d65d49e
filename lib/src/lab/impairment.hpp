#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace netduel {

/// Each packet by itself, with this probability.
struct IndependentLoss {
  double ratio = 0;
  friend bool operator==(const IndependentLoss&, const IndependentLoss&) = default;
};

/// A channel with a good and a bad state (Gilbert 1960, Elliott 1963), one for each flow and
/// direction, that may change its state with each packet. It begins in the good one.
struct GilbertElliottLoss {
  double good_to_bad = 0;
  double bad_to_good = 1;
  double loss_in_bad = 1;
  double loss_in_good = 0;
  friend bool operator==(const GilbertElliottLoss&, const GilbertElliottLoss&) = default;
};

/// Just these packets of each flow and direction, counted from 1: ranges, both ends included,
/// sorted and apart.
struct ScriptedLoss {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> packets;
  friend bool operator==(const ScriptedLoss&, const ScriptedLoss&) = default;
};

using LossModel = std::variant<std::monostate, IndependentLoss, GilbertElliottLoss, ScriptedLoss>;

enum class JitterShape : std::uint8_t {
  uniform,  ///< delay - jitter to delay + jitter
  normal,   ///< jitter is the standard deviation; what would be below 0 is 0
  pareto    ///< heavy-tailed, shape 3, mean 0 and standard deviation jitter; cut at its 99.99 %
};

/// How much of a queue something is about: packets, IP octets, or time at the bottleneck's rate.
struct QueueLength {
  enum class Unit : std::uint8_t { packets, octets, time };
  Unit unit = Unit::packets;
  std::uint64_t amount = 0;  ///< packets, octets, or nanoseconds
  friend bool operator==(const QueueLength&, const QueueLength&) = default;
};

/// What one direction of a link does to packets, in the order in which it does it (docs/lab.md):
/// down, loss, duplication, reordering, corruption, the bottleneck with its queue and marks, delay.
struct Impairment {
  bool down = false;
  LossModel loss{};
  double duplicate = 0;
  /// The share of packets that are held back until `reorder_by` later ones of their flow have
  /// passed, or `longest_hold` is over.
  double reorder = 0;
  std::uint32_t reorder_by = 3;
  /// One bit of the transport's header or payload is flipped: its checksum sees it.
  double corrupt = 0;
  /// Two 16-bit words of the payload change places, which the Internet checksum can't see.
  double corrupt_swap = 0;
  /// IP octets, as bits per second.
  std::optional<double> bottleneck_bits_per_second;
  /// Absent: 50 ms of the rate, at least 16 packets of 1500 octets.
  std::optional<QueueLength> queue;
  /// ECN-capable packets that find the queue at least this long are marked CE (RFC 3168).
  std::optional<QueueLength> mark;
  std::chrono::nanoseconds delay{};
  std::chrono::nanoseconds jitter{};
  JitterShape jitter_shape = JitterShape::uniform;
  /// Let a packet with less delay overtake; else all leave in the order in which they came.
  bool jitter_reorders = false;
  /// ARP and IPv6 neighbour discovery, too; else they pass unharmed and without delay.
  bool includes_neighbour_discovery = false;

  friend bool operator==(const Impairment&, const Impairment&) = default;

  /// Whether packets must be told apart; else super-packets may pass whole.
  bool needs_single_packets() const;
};

inline constexpr std::chrono::nanoseconds longest_hold = std::chrono::milliseconds(50);

}  // namespace netduel
