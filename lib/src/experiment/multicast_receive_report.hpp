#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment/warnings.hpp"
#include "netduel/base/report.hpp"
#include "os/multicast_state.hpp"
#include "session/group_receivers.hpp"

namespace netduel {

/// What was found when nothing of a stream had come some time after joining.
struct SilenceDiagnosis {
  os::MulticastState state;
  /// None: no datagram of any kind came to the socket.
  std::optional<std::uint8_t> hop_limit;
  bool anything_heard = false;
  std::optional<bool> querier_heard;
  std::chrono::nanoseconds after{};
};

/// All that `netduel multicast receive` has to tell.
struct MulticastReception {
  GroupReceiveSpec spec;
  std::size_t receivers = 1;
  std::vector<GroupReception> receptions;
  std::optional<SilenceDiagnosis> diagnosis;
  bool interrupted = false;
  std::optional<std::string> error;
};

/// Of the range for source-specific multicast: 232.0.0.0/8, ff3x::/32 (RFC 4607).
bool is_source_specific(const Endpoint& group);
/// Which of the numbers were before the receiver came, and so are none of its losses.
std::uint64_t before_joining(const ReceivedStream& stream);
/// By the receiver's own clock, from its first message to its last; absent with fewer than two.
std::optional<double> goodput_bits_per_second(const ReceivedStream& stream);

/// Rows of the document netduel/multicast/1 with the role "receive".
Report describe(const MulticastReception& reception);
std::vector<Warning> warnings(const MulticastReception& reception);

}  // namespace netduel
