#include "wire/packet.hpp"

#include <algorithm>
#include <array>

#include "wire/octets.hpp"

namespace netduel {
namespace {

constexpr std::size_t ethernet_octets = 14;
constexpr std::size_t type_octets = 2;
constexpr std::size_t vlan_octets = 4;
constexpr std::uint16_t type_ipv4 = 0x0800;
constexpr std::uint16_t type_arp = 0x0806;
constexpr std::uint16_t type_vlan = 0x8100;          // IEEE 802.1Q, customer
constexpr std::uint16_t type_service_vlan = 0x88a8;  // and service tag
constexpr std::uint16_t type_ipv6 = 0x86dd;

constexpr std::uint8_t next_hop_by_hop = 0;
constexpr std::uint8_t next_tcp = 6;
constexpr std::uint8_t next_udp = 17;
constexpr std::uint8_t next_icmp = 1;
constexpr std::uint8_t next_igmp = 2;
constexpr std::uint8_t next_routing = 43;
constexpr std::uint8_t next_fragment = 44;
constexpr std::uint8_t next_icmpv6 = 58;
constexpr std::uint8_t next_destination = 60;

/// Reads one frame from the front to the back.
class Reader {
 public:
  explicit Reader(Bytes frame) : frame_(frame) {}

  PacketHeaders read() {
    std::size_t at = ethernet_octets;
    std::uint16_t type = get_u16(frame_, at - type_octets);
    while ((type == type_vlan || type == type_service_vlan) && frame_.size() >= at + vlan_octets) {
      at += vlan_octets;
      type = get_u16(frame_, at - type_octets);
    }
    end_all_at(frame_.size());
    headers_.ip_at = at;
    headers_.ip_octets = frame_.size() - at;
    if (type == type_ipv4) read_ipv4(at);
    if (type == type_ipv6) read_ipv6(at);
    if (type == type_arp) {
      headers_.protocol = Protocol::arp;
      headers_.is_neighbour_discovery = true;
    }
    return headers_;
  }

 private:
  void end_all_at(std::size_t end) {
    headers_.end = end;
    headers_.transport_at = end;
    headers_.payload_at = end;
  }
  bool has(std::size_t at, std::size_t octets) const {
    return at <= headers_.end && headers_.end - at >= octets;
  }

  void read_ipv4(std::size_t at) {
    constexpr std::size_t shortest = 20;
    if (!has(at, shortest)) return;
    headers_.ip_version = IpVersion::v4;
    std::array<std::uint8_t, 4> from{}, to{};
    for (std::size_t i = 0; i < 4; ++i) {
      from[i] = get_u8(frame_, at + 12 + i);
      to[i] = get_u8(frame_, at + 16 + i);
    }
    headers_.source = Endpoint::v4(from, 0);
    headers_.destination = Endpoint::v4(to, 0);
    headers_.ecn = get_u8(frame_, at + 1) & 3;
    const std::size_t length = get_u16(frame_, at + 2);
    // A super-packet of over 65 535 octets can't say its length and says 0.
    if (length >= shortest) end_all_at(std::min(frame_.size(), at + length));
    headers_.ip_octets = headers_.end - at;
    const std::uint16_t fragment = get_u16(frame_, at + 6);
    constexpr std::uint16_t more = 0x2000, offset = 0x1fff;
    headers_.is_fragment = (fragment & (more | offset)) != 0;
    headers_.is_first_fragment = headers_.is_fragment && (fragment & offset) == 0;
    headers_.fragment_id = get_u16(frame_, at + 4);
    const std::size_t header_octets = std::size_t{get_u8(frame_, at) & 0xfU} * 4;
    const bool sane_length = length == 0 || length >= header_octets;
    if (header_octets < shortest || !sane_length || !has(at, header_octets)) return;
    read_transport(get_u8(frame_, at + 9), at + header_octets);
  }

  void read_ipv6(std::size_t at) {
    constexpr std::size_t header_octets = 40;
    if (!has(at, header_octets)) return;
    headers_.ip_version = IpVersion::v6;
    std::array<std::uint8_t, 16> from{}, to{};
    for (std::size_t i = 0; i < 16; ++i) {
      from[i] = get_u8(frame_, at + 8 + i);
      to[i] = get_u8(frame_, at + 24 + i);
    }
    headers_.source = Endpoint::v6(from, 0);
    headers_.destination = Endpoint::v6(to, 0);
    headers_.ecn = static_cast<std::uint8_t>(get_u8(frame_, at + 1) >> 4) & 3;
    const std::size_t length = get_u16(frame_, at + 4);
    if (length > 0) end_all_at(std::min(frame_.size(), at + header_octets + length));
    headers_.ip_octets = headers_.end - at;
    read_extensions(get_u8(frame_, at + 6), at + header_octets);
  }

  /// RFC 8200, section 4. Each is at least 8 octets long, so this ends.
  void read_extensions(std::uint8_t next, std::size_t at) {
    constexpr std::size_t shortest = 8;
    while (next == next_hop_by_hop || next == next_routing || next == next_destination ||
           next == next_fragment) {
      if (!has(at, shortest)) return;
      std::size_t octets = (std::size_t{get_u8(frame_, at + 1)} + 1) * 8;
      if (next == next_fragment) {
        const std::uint16_t place = get_u16(frame_, at + 2);
        constexpr std::uint16_t more = 1, offset = 0xfff8;
        headers_.is_fragment = (place & (more | offset)) != 0;
        headers_.is_first_fragment = headers_.is_fragment && (place & offset) == 0;
        headers_.fragment_id = get_u32(frame_, at + 4);
        octets = shortest;
      }
      next = get_u8(frame_, at);
      if (!has(at, octets)) return;
      at += octets;
      // Later fragments hold the middle of what `next` names, not its header.
      if (headers_.is_fragment && !headers_.is_first_fragment) break;
    }
    read_transport(next, at);
  }

  void read_transport(std::uint8_t protocol, std::size_t at) {
    headers_.transport_at = at;
    switch (protocol) {
      case next_udp:
        headers_.protocol = Protocol::udp;
        break;
      case next_tcp:
        headers_.protocol = Protocol::tcp;
        break;
      case next_icmp:
        headers_.protocol = Protocol::icmp;
        break;
      case next_icmpv6:
        headers_.protocol = Protocol::icmpv6;
        break;
      default:
        headers_.protocol = Protocol::other;
    }
    headers_.is_group_membership = protocol == next_igmp && headers_.ip_version == IpVersion::v4;
    if (headers_.is_fragment && !headers_.is_first_fragment) {
      headers_.payload_at = at;
      return;
    }
    if (headers_.protocol == Protocol::udp) read_ports(at, 8);
    if (headers_.protocol == Protocol::tcp) read_tcp(at);
    // RFC 792 and RFC 4443: each kind has four octets of its own behind type, code and checksum.
    constexpr std::size_t icmp_octets = 8;
    const bool is_icmp =
        headers_.protocol == Protocol::icmp || headers_.protocol == Protocol::icmpv6;
    if (is_icmp && has(at, icmp_octets)) headers_.payload_at = at + icmp_octets;
    if (headers_.protocol == Protocol::icmpv6 && has(at, 1)) {
      const std::uint8_t type = get_u8(frame_, at);
      headers_.is_neighbour_discovery = type >= 133 && type <= 137;
      headers_.is_group_membership = (type >= 130 && type <= 132) || type == 143;
    }
  }

  bool read_ports(std::size_t at, std::size_t header_octets) {
    constexpr std::size_t ports_octets = 4;
    if (!has(at, ports_octets)) return false;
    headers_.source = headers_.source.with_port(get_u16(frame_, at));
    headers_.destination = headers_.destination.with_port(get_u16(frame_, at + 2));
    if (!has(at, header_octets)) return false;
    headers_.payload_at = at + header_octets;
    return true;
  }

  void read_tcp(std::size_t at) {
    constexpr std::size_t shortest = 20;
    if (!read_ports(at, shortest)) return;
    const std::size_t header_octets = std::size_t{get_u8(frame_, at + 12)} / 16 * 4;
    const bool sane = header_octets >= shortest && has(at, header_octets);
    headers_.payload_at = sane ? at + header_octets : headers_.end;
    const std::uint8_t flags = get_u8(frame_, at + 13);
    constexpr std::uint8_t fin = 1, syn = 2;
    headers_.tcp_sequence = get_u32(frame_, at + 4);
    headers_.tcp_sequence_length = static_cast<std::uint32_t>(headers_.end - headers_.payload_at) +
                                   ((flags & fin) != 0 ? 1U : 0U) + ((flags & syn) != 0 ? 1U : 0U);
  }

  Bytes frame_;
  PacketHeaders headers_;
};

}  // namespace

std::optional<PacketHeaders> read_headers(Bytes frame) {
  if (frame.size() < ethernet_octets) return std::nullopt;
  return Reader(frame).read();
}

}  // namespace netduel
