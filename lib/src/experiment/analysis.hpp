#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "experiment/arrival_log.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

struct AnalysisSpec {
  /// How many were sent; absent: as many as there are numbers from the smallest to the largest.
  std::optional<std::uint64_t> sent = {};
  /// Leaves out what was sent earlier than this after the first.
  std::chrono::nanoseconds omit{};
  /// What took longer counts as lost (RFC 7680's Tmax).
  std::optional<std::chrono::nanoseconds> longest_wait = {};
};

/// Rows of the document "netduel/analyze/1": the figures of docs/metrics.md, from a log and so
/// with exact percentiles. Throws LogError when the spec leaves nothing of the log, or `sent` is
/// fewer than came.
Report analyze(std::vector<LoggedMessage> messages, const AnalysisSpec& spec);

}  // namespace netduel
