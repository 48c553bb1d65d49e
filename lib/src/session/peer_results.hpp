#pragma once

#include <vector>

#include "session/test_record.hpp"

namespace netduel {

/// What a receiver's octets are divided by: how long they were sent for, as far as that is known
/// beforehand, and at least until the last of them had been read. `duration`: how long the streams
/// ran, the omitted time left out.
std::chrono::nanoseconds receiving_time(const TestParameters& parameters,
                                        std::chrono::nanoseconds duration,
                                        const ReceiverReport& receiver);

/// What an end tells the other of its streams, in iperf3's words and, to netduel, in full.
/// `duration`: how long they ran, the omitted time left out.
TestResults results_of(const TestParameters& parameters, const std::vector<StreamRecord>& streams,
                       std::chrono::nanoseconds duration);

}  // namespace netduel
