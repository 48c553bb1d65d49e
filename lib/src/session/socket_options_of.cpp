#include "session/socket_options_of.hpp"

namespace netduel {

TcpOptions tcp_options_of(const TestParameters& parameters) {
  TcpOptions options;
  options.receive_buffer_octets = parameters.window_octets;
  options.send_buffer_octets = parameters.window_octets;
  options.congestion = parameters.congestion;
  options.no_delay = parameters.no_delay;
  options.mss_octets = parameters.mss_octets;
  if (parameters.fq_bits_per_second) {
    options.max_pacing_bits_per_second = static_cast<std::uint64_t>(*parameters.fq_bits_per_second);
  }
  if (parameters.traffic_class) {
    options.dscp = static_cast<std::uint8_t>(*parameters.traffic_class >> 2);
  }
  return options;
}

UdpOptions udp_options_of(const TestParameters& parameters) {
  UdpOptions options;
  options.receive_buffer_octets = parameters.window_octets;
  options.send_buffer_octets = parameters.window_octets;
  options.offload = !parameters.netduel || parameters.netduel->offload;
  if (parameters.fq_bits_per_second) {
    options.max_pacing_bits_per_second = static_cast<std::uint64_t>(*parameters.fq_bits_per_second);
  }
  if (parameters.traffic_class) {
    options.dscp = static_cast<std::uint8_t>(*parameters.traffic_class >> 2);
    options.ecn = static_cast<Ecn>(*parameters.traffic_class & 3);
  }
  if (parameters.dont_fragment) options.dont_fragment = true;
  options.checksum = parameters.udp_checksum;
  return options;
}

}  // namespace netduel
