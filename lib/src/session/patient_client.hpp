#pragma once

#include <functional>
#include <stop_token>

#include "session/client.hpp"

namespace netduel {

/// Runs one test: `run_client`, or another with its promises.
using RunTest = std::function<TestRecord(const ClientSpec& spec, const ClientEvents& events)>;

/// For a test that follows another with the same server: one that serves a single test at a time
/// may not be ready for the next at once, so where it refuses to begin, without saying what is
/// wrong with the test, it is asked again for some seconds. Returns early after a stop.
TestRecord run_patiently(const ClientSpec& spec, const RunTest& run, const ClientEvents& events,
                         const std::stop_token& stop);

}  // namespace netduel
