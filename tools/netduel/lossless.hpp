#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>

#include "experiment/lossless_search.hpp"
#include "session/patient_client.hpp"

namespace netduel::tool {

// `-b max-lossless`: a search whose trials are tests with a server, one after the other.

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

/// Searches with tests like `spec`; all trials but the first are run patiently. `run` gives each a
/// cookie of its own.
LosslessRun find_lossless_rate(const ClientSpec& spec, const RunTest& run, const LosslessTold& told,
                               const std::stop_token& stop);

}  // namespace netduel::tool
