#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "lab/truth.hpp"
#include "netduel/base/report.hpp"
#include "netduel/measure/ledger.hpp"
#include "session/test_record.hpp"

namespace netduel {

// A test between two hosts in iperf3's words: the one document whose names are not ours. What
// netduel knows beyond them is under "netduel".

/// The document of iperf3's -J: `start`, `intervals[]`, `end`, and `error` where there is one.
/// `truth`: of the emulated path that it ran over, for `netduel.truth`.
Report describe_iperf3(const TestRecord& record, const Truth* truth = nullptr);

// The events of iperf3's --json-stream, {"event", "data"} each.
Report start_event(const TestRecord& record);
Report interval_event(const TestRecord& record, std::size_t index);
Report end_event(const TestRecord& record, const Truth* truth = nullptr);
Report error_event(const TestRecord& record);

/// Where the messages of a stream ended up; nullopt where neither end could tell (TCP's octets that
/// are no messages, or a peer that isn't netduel and has told nothing). Index of `record.streams`.
std::optional<Ledger> ledger_of(const TestRecord& record, std::size_t stream);

}  // namespace netduel
