#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "experiment/arrival_log.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

struct AnalysisSpec {
  /// How many were sent, for a log of one stream; absent: as many as there are numbers from the
  /// smallest to the largest.
  std::optional<std::uint64_t> sent = {};
  /// Leaves out what was sent earlier than this after the first of its stream.
  std::chrono::nanoseconds omit{};
  /// What took longer counts as lost (RFC 7680's Tmax).
  std::optional<std::chrono::nanoseconds> longest_wait = {};
};

/// Rows of the document "netduel/analyze/1": the figures of docs/metrics.md, from a log and so
/// with exact percentiles; each stream's by itself, then merged. Throws LogError when the spec
/// leaves nothing of the log, or `sent` is fewer than came or of a log with several streams.
Report analyze(ArrivalLog log, const AnalysisSpec& spec);

}  // namespace netduel
