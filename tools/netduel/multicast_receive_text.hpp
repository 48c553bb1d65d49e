#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "experiment/multicast_receive_report.hpp"

namespace netduel::tool {

// What `netduel multicast receive` says to people. Pure.

/// Before anything has come.
std::string waiting_text(const GroupReceiveSpec& spec, std::size_t receivers,
                         const std::string& interface);
/// `before` is the look `elapsed` ago.
std::vector<std::string> live_lines(const GroupReceptionProgress& now,
                                    const GroupReceptionProgress& before,
                                    std::chrono::nanoseconds elapsed);
/// One line for each thing that was looked at, and each thing to try.
std::vector<std::string> diagnosis_lines(const GroupReceiveSpec& spec,
                                         const SilenceDiagnosis& diagnosis);
/// At the end.
std::string as_text(const MulticastReception& reception, const Report& report);

}  // namespace netduel::tool
