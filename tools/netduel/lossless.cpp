#include "lossless.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "experiment/lossless_report.hpp"

namespace netduel::tool {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto longest_trial = std::chrono::nanoseconds(1s);
/// With fewer messages a trial without loss would say next to nothing.
constexpr double fewest_messages = 20;

ClientSpec spec_of(const ClientSpec& whole, const LosslessPlan& plan) {
  ClientSpec spec = whole;
  spec.parameters.bits_per_second = plan.bits_per_second;
  spec.parameters.netduel->time = plan.time;
  spec.parameters.time = std::chrono::ceil<std::chrono::seconds>(plan.time);
  if (!plan.confirming) spec.interval = 0ns;
  return spec;
}

/// A netduel server says what it allows to all streams of a test together.
void keep_to_terms(const TestRecord& record, LosslessSearch& search) {
  if (!record.terms || record.terms->most_bits_per_second <= 0) return;
  const auto streams = static_cast<double>(streams_of(record.parameters));
  search.set_server_limit(record.terms->most_bits_per_second / streams);
}

}  // namespace

LosslessSearchSpec lossless_search_of(const ClientSpec& spec) {
  LosslessSearchSpec search;
  search.confirming_time = spec.parameters.netduel->time;
  search.trial_time = std::min(longest_trial, search.confirming_time);
  const double seconds = std::chrono::duration<double>(search.trial_time).count();
  const double message_bits = 8 * static_cast<double>(spec.parameters.length);
  search.lowest_bits_per_second =
      std::min(search.highest_bits_per_second, std::ceil(fewest_messages * message_bits / seconds));
  return search;
}

std::size_t streams_of(const TestParameters& parameters) {
  const std::size_t ways = parameters.direction == TestDirection::both ? 2 : 1;
  return ways * parameters.parallel;
}

LosslessRun find_lossless_rate(const ClientSpec& spec, const RunTest& run, const LosslessTold& told,
                               const std::stop_token& stop) {
  LosslessSearch search(lossless_search_of(spec));
  LosslessRun found;
  bool is_first = true;
  while (const auto plan = search.next()) {
    told.begins(*plan);
    const ClientSpec trial = spec_of(spec, *plan);
    const ClientEvents events = plan->confirming ? told.confirming : ClientEvents{};
    const auto begun = Clock::now();
    found.record = is_first ? run(trial, events) : run_patiently(trial, run, events, stop);
    is_first = false;
    if (found.record.error || found.record.interrupted) break;
    auto result = lossless_result_of(found.record, plan->time);
    if (!result) {
      found.record.error = "the server told nothing of what it received or sent";
      break;
    }
    result->took = Clock::now() - begun;
    keep_to_terms(found.record, search);
    told.ended(search.add(*result));
  }
  found.finding = search.finding();
  return found;
}

}  // namespace netduel::tool
