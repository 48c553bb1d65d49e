#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netduel/measure/arrival.hpp"

namespace netduel {

/// Which numbers of a stream never came, as runs from `first` to the one before `end`. Memory is
/// bounded: beyond `most_runs` nothing more is written down, and `complete_to` tells how far it
/// goes. Not thread-safe.
class MissingRuns {
 public:
  static constexpr std::size_t most_runs = std::size_t{1} << 16;

  struct Run {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    friend bool operator==(const Run&, const Run&) = default;
  };

  /// Numbers below `counted_from` don't matter.
  explicit MissingRuns(std::uint64_t counted_from = 0);

  void observe(const Arrival& arrival, Placement placement);
  /// Nothing more comes of a stream whose last number is the one before `end`; once. `end` below
  /// what has come is no news.
  void finish(std::uint64_t end);

  /// In order and apart.
  const std::vector<Run>& runs() const { return runs_; }
  /// The runs tell of all numbers below.
  std::uint64_t complete_to() const { return complete_to_.value_or(next_); }
  std::uint64_t counted_from() const { return counted_from_; }

 private:
  void add(std::uint64_t first, std::uint64_t end);
  void fill(std::uint64_t sequence);

  std::uint64_t counted_from_;
  std::uint64_t next_;
  std::vector<Run> runs_;
  std::optional<std::uint64_t> complete_to_;
};

}  // namespace netduel
