#pragma once

#include <string>
#include <vector>

#include "concurrent_tests.hpp"
#include "session/test_record.hpp"

namespace netduel::tool {

/// "netduel server listening on ..."
std::string listening_text(const std::vector<Endpoint>& endpoints);

/// A line for each stream of a test that has ended.
std::string streams_text(const TestRecord& record);

// What `netduel server` says of tests as they come and go.

std::string began_text(const TestRecord& record);
std::string ended_text(const TestRecord& record, const ConcurrentTests::Ended& beside);

}  // namespace netduel::tool
