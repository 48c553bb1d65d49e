#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "netduel/wire/overhead.hpp"
#include "session/plan.hpp"

namespace netduel {

enum class TestDirection : std::uint8_t { forward, reverse, both };

/// What netduel asks of a netduel peer beyond iperf3's parameters.
struct NetduelParameters {
  /// Of what is exchanged under "netduel". Peers of another version speak plain iperf3.
  static constexpr std::uint64_t protocol_version = 1;

  std::string version;  ///< of the program
  /// The exact times, where iperf3's are whole seconds.
  std::chrono::nanoseconds time{};
  std::chrono::nanoseconds omit{};
  std::chrono::nanoseconds drain{};
  ScheduleKind schedule = ScheduleKind::back_to_back;
  std::uint64_t seed = 0;
  bool offload = true;
  /// Both directions on one TCP connection.
  bool full_duplex = false;
  /// The content of messages can be checked, and is.
  bool verify = false;
  /// Messages carry probes: else iperf3's datagrams, and a TCP stream without messages.
  bool probes = true;
};

/// A test as its client asks for it: iperf3's parameter document. A plain value.
struct TestParameters {
  Transport transport = Transport::tcp;
  TestDirection direction = TestDirection::forward;
  /// One of the three ends the test; the others are 0.
  std::chrono::seconds time{};
  std::uint64_t octets = 0;
  std::uint64_t blocks = 0;
  std::chrono::seconds omit{};
  unsigned parallel = 1;
  /// What is written at once, or the octets of a datagram.
  std::size_t length = 128 * 1024;
  /// For each stream; 0 is unlimited.
  double bits_per_second = 0;
  std::uint64_t burst = 0;
  std::optional<std::size_t> mss_octets;
  std::optional<std::size_t> window_octets;
  std::optional<double> fq_bits_per_second;
  bool no_delay = false;
  std::string congestion;
  /// The whole octet: DSCP and ECN (RFC 2474, RFC 3168).
  std::optional<std::uint8_t> traffic_class;
  std::optional<unsigned> server_affinity;
  bool counters_64_bit = false;
  bool repeating_payload = false;
  bool zero_copy = false;
  bool dont_fragment = false;
  /// Of UDP, at the sending end. Among netduel's parameters on the wire.
  bool udp_checksum = true;
  bool skip_receive_copy = false;
  bool wants_server_output = false;
  std::string title;
  std::string extra_data;
  std::string client_version;
  std::optional<NetduelParameters> netduel;
};

/// What the messages of a test begin with, at both ends.
inline MessageFormat message_format(const TestParameters& parameters) {
  if (parameters.netduel && parameters.netduel->probes) return MessageFormat::probe;
  if (parameters.transport == Transport::tcp) return MessageFormat::opaque;
  return parameters.counters_64_bit ? MessageFormat::datagram_64 : MessageFormat::datagram_32;
}

}  // namespace netduel
