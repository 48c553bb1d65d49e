#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "measure/missing_runs.hpp"

namespace netduel {

/// Losses of one stream at many receivers, over its time: which were shared, and so happened near
/// the sender, and which were one receiver's own. A message counts by who was to have it: receivers
/// that had not joined yet, or of which nothing is known that far, have no say.
struct LossMap {
  /// Of one receiver.
  struct Losses {
    /// What is known of it: numbers from `from` to the one before `to`. Empty where nothing is.
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    /// In order and apart, within.
    std::vector<MissingRuns::Run> missing;
  };

  /// In each of `columns` equal stretches of the stream's numbers; the last may be shorter.
  struct Cell {
    /// Of the messages that it was to have.
    std::uint64_t messages = 0;
    std::uint64_t lost = 0;
    /// Of `lost`: at all of at least two receivers; at this one alone of at least two; at some.
    std::uint64_t shared = 0;
    std::uint64_t own = 0;
    std::uint64_t partly_shared = 0;
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  /// Messages of a column, or of the stream.
  struct Column {
    std::uint64_t messages = 0;  ///< that at least two receivers were to have
    std::uint64_t lost_by_all = 0;
    std::uint64_t lost_by_one = 0;
    std::uint64_t lost_by_some = 0;
    friend bool operator==(const Column&, const Column&) = default;
  };

  std::uint64_t numbers_in_a_column = 0;
  std::vector<std::vector<Cell>> receivers;  ///< in the order given; each has all columns
  std::vector<Column> columns;
  Column all;
  /// Of `all.lost_by_all`: how many would be lost by all if each receiver lost its own share by
  /// chance, independently of the others.
  double lost_by_all_by_chance = 0;
};

/// `sent`: the stream's numbers are those below. `columns` is at least 1; fewer where the stream
/// has fewer numbers.
LossMap loss_map(const std::vector<LossMap::Losses>& receivers, std::uint64_t sent,
                 std::size_t columns);

}  // namespace netduel
