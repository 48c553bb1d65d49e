#include "session/patient_client.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto longest_refusal = std::chrono::seconds(10);
constexpr auto shortest_pause = std::chrono::milliseconds(50);
constexpr auto longest_pause = std::chrono::milliseconds(800);

/// Returns early after a stop.
void wait(std::chrono::nanoseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  (void)never.wait_for(lock, stop, time, [] { return false; });
}

/// No stream was ever opened, and the server didn't say what is wrong with the test.
bool may_be_taken_later(const TestRecord& record) {
  return record.error && record.streams.empty() && !record.error->starts_with("the server failed");
}

}  // namespace

TestRecord run_patiently(const ClientSpec& spec, const RunTest& run, const ClientEvents& events,
                         const std::stop_token& stop) {
  const auto latest = Clock::now() + longest_refusal;
  for (auto pause = shortest_pause;; pause = std::min(2 * pause, longest_pause)) {
    TestRecord record = run(spec, events);
    const bool is_over = stop.stop_requested() || Clock::now() >= latest;
    if (is_over || !may_be_taken_later(record)) return record;
    wait(pause, stop);
  }
}

}  // namespace netduel
