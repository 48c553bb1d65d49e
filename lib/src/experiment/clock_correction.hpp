#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "netduel/base/report.hpp"
#include "netduel/measure/metrics.hpp"
#include "session/test_record.hpp"

namespace netduel {

// One-way delays of a test, whichever clocks stamped them. Pure. A `stream` is an index of
// `record.streams`.

/// Delays as far as the clocks of both ends are known.
struct ComparedDelay {
  Delay delay;
  /// How far any of them may be from the truth, apart from the histogram's 1 %: 0 where both ends
  /// have one clock, absent where a clock was set meanwhile.
  std::optional<std::chrono::nanoseconds> bound = std::chrono::nanoseconds{0};

  /// Whether one of the two histograms of `delay` is to be told: its median is larger than what
  /// that may be wrong by. By one clock everything is told.
  bool tells(const DurationHistogram& delays) const;
  /// As delays of one more stream; the bound is that of the worse one.
  void merge(const ComparedDelay& other);
};

/// Whether both ends read the same clock: they are in one host, and no exchange says otherwise.
bool one_clock(const TestRecord& record);

/// Corrected by all that is known of the clocks when the test is over. nullopt where neither end
/// knows of messages, and where two clocks were never compared: the peer isn't netduel or didn't
/// answer, or this is the server, which isn't told.
std::optional<ComparedDelay> delays_of(const TestRecord& record, std::size_t stream);
/// Those of several, of which some may be unknown; nullopt when all are.
std::optional<ComparedDelay> delays_of(const TestRecord& record,
                                       const std::vector<std::size_t>& streams);

/// Adds `delay_seconds` and `arrival_delay_seconds`, each absent where it isn't to be told, and
/// `delay_bound_seconds`.
void describe(const std::optional<ComparedDelay>& delays, Report& report);

/// Adds `clock`: how the server's stood to the client's; absent where nobody asked or answered.
void describe_clock(const TestRecord& record, Report& report);

}  // namespace netduel
