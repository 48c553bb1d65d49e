#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

/// Places every sequence number once: in order, after a gap, reordered, duplicate or stale.
/// Numbers are 64 bits wide and don't wrap. Memory is fixed: one bit for each of the last `span`
/// numbers; what is further back is `stale`, and so is what lies below the first number. Amortised
/// constant time. Not thread-safe.
class NETDUEL_EXPORT SequenceWindow {
 public:
  static constexpr std::uint64_t default_span = std::uint64_t{1} << 20;

  /// `first_expected` is the stream's first number (0 for our probes, 1 for iperf3's datagrams).
  /// `span` is rounded up to a power of two, at least 64.
  explicit SequenceWindow(std::uint64_t first_expected = 0, std::uint64_t span = default_span);

  /// A number of 2^63 or more is no stream's: it is placed as stale, at distance 0.
  Placement place(std::uint64_t sequence) {
    if (sequence != next_expected_) return place_out_of_order(sequence);
    mark(sequence);
    ++next_expected_;
    return {Order::in_order, 0};
  }

  /// The number expected next: one more than the largest seen (RFC 4737's NextExp).
  std::uint64_t next_expected() const { return next_expected_; }
  std::uint64_t first_expected() const { return first_expected_; }

 private:
  Placement place_out_of_order(std::uint64_t sequence);
  void clear(std::uint64_t first, std::uint64_t count);

  // A bit is only ever read for numbers below next_expected_, each of which was set when it came
  // or cleared when it was jumped over: what an older number left in its place doesn't matter.
  std::uint64_t& word_of(std::uint64_t sequence) {
    return seen_[static_cast<std::size_t>((sequence & mask_) / 64)];
  }
  static std::uint64_t bit_of(std::uint64_t sequence) {
    return std::uint64_t{1} << (sequence % 64);
  }
  void mark(std::uint64_t sequence) { word_of(sequence) |= bit_of(sequence); }

  std::vector<std::uint64_t> seen_;
  std::uint64_t mask_;
  std::uint64_t first_expected_;
  std::uint64_t next_expected_;
};

}  // namespace netduel
