#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/export.hpp"

namespace netduel {

/// Header sizes in octets, from the documents named.
inline constexpr std::size_t udp_header_octets = 8;            // RFC 768
inline constexpr std::size_t tcp_header_octets = 20;           // RFC 9293, section 3.1
inline constexpr std::size_t tcp_timestamps_octets = 12;       // RFC 7323, padded as its appendix A
inline constexpr std::size_t ipv4_header_octets = 20;          // RFC 791, without options
inline constexpr std::size_t ipv6_header_octets = 40;          // RFC 8200, section 3
inline constexpr std::size_t ipv6_fragment_header_octets = 8;  // RFC 8200, section 4.5
/// Preamble and start delimiter 8, header 14, check sequence 4, inter-frame gap 12 (IEEE 802.3).
inline constexpr std::size_t ethernet_framing_octets = 38;
inline constexpr std::size_t vlan_tag_octets = 4;  // IEEE 802.1Q
/// Shorter IP packets are padded to this (IEEE 802.3, minimum frame of 64 octets). A VLAN tag could
/// take the place of 4 octets of padding; here the minimum stays, as when a switch tags a frame
/// that was padded already.
inline constexpr std::size_t ethernet_minimum_payload_octets = 46;
/// What the 16 bits of UDP's length leave (RFC 768), and of IPv4's, which counts its header too.
inline constexpr std::size_t largest_udp_payload_v4 = 65507;
inline constexpr std::size_t largest_udp_payload_v6 = 65527;
/// The length field has 16 bits; IPv4's counts its header (RFC 791), IPv6's doesn't (RFC 8200).
inline constexpr std::size_t largest_ipv4_packet_octets = 65535;
inline constexpr std::size_t largest_ipv6_packet_octets = ipv6_header_octets + 65535;

enum class Transport : std::uint8_t { udp, tcp };

/// The headers that a message wears on its way over Ethernet.
struct HeaderStack {
  Transport transport = Transport::udp;
  IpVersion ip_version = IpVersion::v4;
  std::size_t tcp_options_octets = tcp_timestamps_octets;
  std::size_t mtu_octets = 1500;
  std::size_t vlan_tags = 0;

  std::size_t transport_header_octets() const {
    return transport == Transport::udp ? udp_header_octets : tcp_header_octets + tcp_options_octets;
  }
  std::size_t ip_header_octets() const {
    return ip_version == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets;
  }
  std::size_t framing_octets() const {
    return ethernet_framing_octets + vlan_tags * vlan_tag_octets;
  }
  /// The MTU, or less where the IP version has no longer packets: on Linux's loopback, with an MTU
  /// of 65536, IPv4 stops at 65535.
  std::size_t largest_packet_octets() const {
    return std::min(mtu_octets, ip_version == IpVersion::v4 ? largest_ipv4_packet_octets
                                                            : largest_ipv6_packet_octets);
  }
  /// The most payload that one packet carries: UDP's largest unfragmented payload, TCP's effective
  /// segment size. 0 where the headers alone don't fit.
  std::size_t largest_whole_payload() const {
    const std::size_t headers = ip_header_octets() + transport_header_octets();
    return largest_packet_octets() - std::min(headers, largest_packet_octets());
  }
};

/// What one message costs on the wire.
struct WireCost {
  std::uint64_t payload_octets = 0;
  /// IP packets: fragments of a UDP datagram, segments of a TCP message.
  std::uint64_t packets = 0;
  std::uint64_t transport_header_octets = 0;
  std::uint64_t ip_header_octets = 0;  ///< fragment headers included
  std::uint64_t ip_octets = 0;         ///< headers and payload, before padding
  std::uint64_t wire_octets = 0;       ///< framing and padding included
  double wire_efficiency_ratio = 0;    ///< payload / wire

  /// Goodput when a line of this rate carries nothing else; acknowledgements travel the other way.
  double goodput_ceiling(double line_bits_per_second) const {
    return line_bits_per_second * wire_efficiency_ratio;
  }
  /// The chance that a message is lost when each packet is, independently: 1 - (1 - p)^packets.
  NETDUEL_EXPORT double loss_amplification(double packet_loss_ratio) const;
};

/// One message on its own: UDP fragments when it exceeds the MTU, as Linux does it; TCP cuts it
/// into segments and packs nothing else into the last one. Pure. A payload of 0 octets, a UDP
/// payload above the largest possible, an MTU below what the IP version demands (RFC 791: 68; RFC
/// 8200, section 5: 1280) or without room for 8 octets of payload gives a std::invalid_argument
/// that says so.
NETDUEL_EXPORT WireCost message_cost(const HeaderStack& stack, std::uint64_t payload_octets);

/// The same for a message within a stream of many that TCP packs into full segments: costs per
/// message are then the share of full segments, and packets may be below one. UDP, and what is
/// refused with a std::invalid_argument, as above.
struct StreamCost {
  double header_octets_per_message = 0;  ///< transport and IP
  double wire_octets_per_message = 0;
  double wire_efficiency_ratio = 0;
};
NETDUEL_EXPORT StreamCost packed_stream_cost(const HeaderStack& stack,
                                             std::uint64_t payload_octets);

}  // namespace netduel
