#pragma once

#include <cstdint>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

/// Places every sequence number once: in order, after a gap, reordered, duplicate or stale.
/// Numbers are 64 bits wide and don't wrap. Memory is fixed: one bit for each of the last `span`
/// numbers; what is further back is `stale`. Amortised constant time. Not thread-safe.
class NETDUEL_EXPORT SequenceWindow {
 public:
  static constexpr std::uint64_t default_span = std::uint64_t{1} << 20;

  /// `first_expected` is the stream's first number (0 for our probes, 1 for iperf3's datagrams).
  /// `span` is rounded up to a power of two, at least 64.
  explicit SequenceWindow(std::uint64_t first_expected = 0, std::uint64_t span = default_span);

  Placement place(std::uint64_t sequence);

  /// The number expected next: one more than the largest seen (RFC 4737's NextExp).
  std::uint64_t next_expected() const { return next_expected_; }
  std::uint64_t first_expected() const { return first_expected_; }

 private:
  std::vector<std::uint64_t> seen_;
  std::uint64_t mask_;
  std::uint64_t first_expected_;
  std::uint64_t next_expected_;
};

}  // namespace netduel
