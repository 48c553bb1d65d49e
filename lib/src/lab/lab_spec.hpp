#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/impairment.hpp"

namespace netduel {

/// The two ways of a link between host a and host b. Up is from a, down is from b.
enum class Direction : std::uint8_t { a_to_b, b_to_a };

/// What one direction does from a moment on, counted from the start of the script.
struct Change {
  std::chrono::nanoseconds at{};
  Direction direction = Direction::a_to_b;
  /// All of it, as it is from then on.
  Impairment becomes;
};

/// Everything that fixes an emulated path.
struct LabSpec {
  Impairment a_to_b;
  Impairment b_to_a;
  /// In order of time, each direction's on its own.
  std::vector<Change> changes;
  std::uint64_t seed = 0;
  std::size_t mtu_octets = 1500;
  /// A pcapng file of both sides.
  std::optional<std::string> capture_file;
  /// For people: "loss 1 %, delay 20 ms each way".
  std::string description;

  const Impairment& of(Direction direction) const {
    return direction == Direction::a_to_b ? a_to_b : b_to_a;
  }
  /// Whether packets must be told apart in that direction at any time of the script.
  bool needs_single_packets(Direction direction) const;
  /// Base round trip: both delays, the most that the script has, without queues and jitter.
  std::chrono::nanoseconds round_trip() const;
  /// The longest that a full queue, jitter and holding back can add to a round trip; for
  /// unbounded shapes a figure that is hardly ever exceeded (6 times the jitter).
  std::chrono::nanoseconds longest_queueing() const;
  /// How long after the last send something may still come (Tmax; RFC 7680, section 2.3): 4 round
  /// trips, for what is sent once more, and the longest queueing.
  std::chrono::nanoseconds drain() const;
  /// What the path adds to how long connecting, answering and closing may take.
  std::chrono::nanoseconds patience() const;
  /// The lowest rate of the direction's bottleneck in the script; absent when it never has one.
  std::optional<double> bottleneck_bits_per_second(Direction direction) const;
};

}  // namespace netduel
