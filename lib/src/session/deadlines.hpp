#pragma once

#include <chrono>

#include "netduel/base/time.hpp"

namespace netduel {

// What both ends of a test between two hosts wait for, and how long, before they give it up.

/// Current iperf3 waits as long for what a peer has to say next.
inline constexpr auto longest_answer = std::chrono::seconds(10);
/// A document may be long and the path slow.
inline constexpr auto longest_document = std::chrono::seconds(30);
/// For what a netduel peer has sent by TCP until its end.
inline constexpr auto longest_netduel_drain = std::chrono::seconds(8);

inline Deadline deadline_in(std::chrono::nanoseconds time) {
  return std::chrono::steady_clock::now() +
         std::chrono::duration_cast<std::chrono::steady_clock::duration>(time);
}

}  // namespace netduel
