#pragma once

#include <chrono>
#include <cstddef>
#include <optional>

#include "experiment/lossless_search.hpp"
#include "netduel/base/report.hpp"
#include "session/test_record.hpp"

namespace netduel {

/// What a test of so long a time shows of its rate, all streams together; `took` is left to whoever
/// ran it. nullopt where it failed before its ends could tell what was sent and what was lost.
std::optional<LosslessResult> lossless_result_of(const TestRecord& record,
                                                 std::chrono::nanoseconds planned);

// Rows. Rates are those of all `streams` together, but for `per_stream_bits_per_second`.

/// `method`, `goal_loss_ratio`, `precision_ratio`, `max_lossless_bits_per_second`,
/// `per_stream_bits_per_second`, `confirmed`, `limited_by` and `trials[]`.
void describe(const LosslessFinding& finding, std::size_t streams, Report& report);
/// One of `trials[]` as an event of a stream of JSON: "search_trial".
Report search_trial_event(const LosslessTrial& trial, std::size_t streams);

}  // namespace netduel
