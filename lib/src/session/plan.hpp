#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "netduel/base/endpoint.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/message_format.hpp"

namespace netduel {

enum class ScheduleKind : std::uint8_t {
  back_to_back,  ///< as fast as the transport takes them
  periodic,      ///< evenly spaced from a random start (RFC 3432)
  poisson        ///< exponentially distributed gaps (RFC 2330, section 11.1.1)
};

/// Everything that fixes a trial. A plain value that can travel to another host.
struct Plan {
  Transport transport = Transport::udp;
  /// Where the receiving end listens; port 0 takes a free one.
  Endpoint receiver;
  std::size_t message_octets = 1448;
  MessageFormat format = MessageFormat::probe;
  ScheduleKind schedule = ScheduleKind::back_to_back;
  /// Payload bits per second; of no meaning back to back.
  double bits_per_second = 0;
  /// So many messages are due together, and as much later the next ones.
  std::size_t burst_messages = 1;
  /// Sent and received before `time` begins, and left out of the figures.
  std::chrono::nanoseconds omit{};
  std::chrono::nanoseconds time = std::chrono::milliseconds(500);
  /// Tmax (RFC 7680, section 2.3): how long after the last send, or after the last arrival where a
  /// queue is still emptying, a message may still come.
  std::chrono::nanoseconds drain = std::chrono::milliseconds(50);
  /// What a slow or lossy path adds to how long connecting, reading to the end and closing may
  /// take.
  std::chrono::nanoseconds patience{};
  std::size_t mtu_octets = 1500;
  /// The path cuts super-packets into what they are made of, as a network card does.
  bool splits_super_packets = false;
  std::uint64_t seed = 0;
  /// SO_SNDBUF and SO_RCVBUF at both ends.
  std::optional<std::size_t> window_octets;
  bool offload = true;
  std::string congestion;
  bool no_delay = true;
  /// The sender half-closes its stream when it is done, and hands over the rest of what it has
  /// begun before.
  bool half_closes = true;
  /// Messages carry a probe, a pattern of this seed and a CRC32C (wire/integrity), and the receiver
  /// looks whether each octet is what was sent.
  bool verify = false;
  std::uint64_t pattern_seed = 0;
  /// UDP's, which IPv4 may do without.
  bool udp_checksum = true;
  /// Digits over and over in place of noise.
  bool repeating_payload = false;
  /// How far the peer's wall clock is ahead of ours, as far as we know: a sender writes its times
  /// by the peer's clock, and a receiver reads them so, if the peer doesn't see to it.
  std::chrono::nanoseconds peer_clock_ahead{};
  /// How many arrivals the receiving end writes down, at most.
  std::size_t logged_arrivals = 0;

  double messages_per_second() const {
    return bits_per_second / (8.0 * static_cast<double>(message_octets));
  }
};

}  // namespace netduel
