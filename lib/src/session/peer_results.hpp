#pragma once

#include <vector>

#include "session/test_record.hpp"

namespace netduel {

/// What an end tells the other of its streams, in iperf3's words and, to netduel, in full.
/// `duration`: how long they ran, the omitted time left out.
TestResults results_of(const TestParameters& parameters, const std::vector<StreamRecord>& streams,
                       std::chrono::nanoseconds duration);

}  // namespace netduel
