#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "experiment/arrival_log.hpp"
#include "netduel/measure/interval_throughput.hpp"
#include "netduel/measure/loss_periods.hpp"
#include "netduel/measure/reorder_density.hpp"
#include "netduel/measure/reordering.hpp"

namespace netduel {

/// What the rows of one stream, or of several that know nothing of each other, tell. Unlike a live
/// meter it has all the time and memory there is: losses, duplicates and percentiles are exact.
struct StreamFigures {
  std::uint64_t rows = 0;
  std::uint64_t sent = 0;
  std::uint64_t unique = 0;
  std::uint64_t stale = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t replicated = 0;  ///< messages that came more than once
  std::uint64_t octets = 0;      ///< of unique messages
  /// From the first sent to the last that came, of all streams; absent when that is negative in one
  /// of them, as the clocks then disagree.
  std::optional<double> duration_seconds = 0;
  LossPeriods loss_periods;
  Reordering reordering;
  ReorderDensity density;
  /// Of one stream alone.
  std::optional<IntervalThroughput> intervals;
  std::vector<double> jitters;  ///< of each stream that has one, in seconds
  std::vector<std::chrono::nanoseconds> delays;
  std::vector<std::chrono::nanoseconds> pdv;  ///< against the smallest delay of the same stream
  std::vector<std::chrono::nanoseconds> ipdv;

  void merge(StreamFigures&& other);
};

/// Of one stream of `sent` messages from the number `first` on. `messages` are in the order of
/// arrival, lost ones behind all others, and there is one at least.
StreamFigures figures_of(std::vector<LoggedMessage> messages, std::uint64_t first,
                         std::uint64_t sent);

}  // namespace netduel
