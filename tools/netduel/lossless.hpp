#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>

#include "experiment/lossless_search.hpp"
#include "session/client.hpp"

namespace netduel::tool {

// `-b max-lossless`: a search whose trials are tests with a server, one after the other.

/// Runs one test to its end, as `run_client` does, with a cookie of its own.
using RunTest = std::function<TestRecord(const ClientSpec&, const ClientEvents&)>;

/// What is told on the way.
struct LosslessTold {
  std::function<void(const LosslessPlan&)> begins = [](const LosslessPlan&) {};
  std::function<void(const LosslessTrial&)> ended = [](const LosslessTrial&) {};
  /// Of the confirming trials alone: the others are too short for it.
  ClientEvents confirming;
};

struct LosslessRun {
  LosslessFinding finding;
  /// The last trial's: the confirming one's, or of where the search failed or was interrupted.
  TestRecord record;
};

/// How a test is searched for: its time is that of the confirming trial.
LosslessSearchSpec lossless_search_of(const ClientSpec& spec);
/// How many streams carry a rate each, in both directions.
std::size_t streams_of(const TestParameters& parameters);

/// Searches with tests like `spec`. A server that refuses is asked again for some seconds, but not
/// before the first trial: iperf3's serves one test at a time, and is away for a moment between
/// two.
LosslessRun find_lossless_rate(const ClientSpec& spec, const RunTest& run, const LosslessTold& told,
                               const std::stop_token& stop);

}  // namespace netduel::tool
