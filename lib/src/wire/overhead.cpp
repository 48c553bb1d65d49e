#include "netduel/wire/overhead.hpp"

#include <cmath>
#include <stdexcept>
#include <string>

namespace netduel {
namespace {

/// Packets that follow each other: `full` of them carry `full_octets` each behind their headers,
/// and one more the rest, which is never empty. Octets above IP's own headers.
struct Split {
  std::uint64_t full = 0;
  std::uint64_t full_octets = 0;
  std::uint64_t last_octets = 0;
};

std::uint64_t divide_up(std::uint64_t dividend, std::uint64_t divisor) {
  return (dividend + divisor - 1) / divisor;
}

void check(const HeaderStack& stack, std::uint64_t payload_octets) {
  const bool v4 = stack.ip_version == IpVersion::v4;
  const std::string ip = v4 ? "IPv4" : "IPv6";
  const std::size_t least_mtu = v4 ? 68 : 1280;
  if (stack.mtu_octets < least_mtu) {
    throw std::invalid_argument("an MTU of " + std::to_string(stack.mtu_octets) + " octets: " + ip +
                                " needs at least " + std::to_string(least_mtu));
  }
  const std::size_t headers = stack.ip_header_octets() + stack.transport_header_octets();
  if (stack.mtu_octets < headers + 8) {
    throw std::invalid_argument("an MTU of " + std::to_string(stack.mtu_octets) +
                                " octets leaves no room for 8 of payload behind " +
                                std::to_string(headers) + " of headers");
  }
  if (payload_octets == 0) throw std::invalid_argument("a message has at least 1 octet");
  const std::size_t largest = v4 ? largest_udp_payload_v4 : largest_udp_payload_v6;
  if (stack.transport == Transport::udp && payload_octets > largest) {
    throw std::invalid_argument("a message of " + std::to_string(payload_octets) +
                                " octets: UDP over " + ip + " carries at most " +
                                std::to_string(largest));
  }
}

Split into_segments(const HeaderStack& stack, std::uint64_t payload_octets) {
  const std::uint64_t segment = stack.largest_whole_payload();
  const std::uint64_t full = divide_up(payload_octets, segment) - 1;
  return {.full = full,
          .full_octets = segment + stack.transport_header_octets(),
          .last_octets = payload_octets - full * segment + stack.transport_header_octets()};
}

/// Fragments but the last carry a multiple of 8 octets, because offsets count in eights (RFC 791,
/// section 3.1; RFC 8200, section 4.5). The last may fill the MTU on IPv4. On IPv6 Linux holds it
/// to that multiple too, and so sends one fragment more than needed when the rest falls between.
Split into_fragments(const HeaderStack& stack, std::uint64_t datagram_octets) {
  const bool v4 = stack.ip_version == IpVersion::v4;
  const std::uint64_t headers =
      v4 ? ipv4_header_octets : ipv6_header_octets + ipv6_fragment_header_octets;
  const std::uint64_t room = stack.mtu_octets - headers;
  const std::uint64_t each = room / 8 * 8;
  const std::uint64_t last = v4 ? room : each;
  const std::uint64_t full = divide_up(datagram_octets - last, each);
  return {.full = full, .full_octets = each, .last_octets = datagram_octets - full * each};
}

std::uint64_t on_the_wire(const HeaderStack& stack, std::uint64_t ip_octets) {
  const std::uint64_t least = ethernet_minimum_payload_octets;
  return std::max(ip_octets, least) + stack.framing_octets();
}

}  // namespace

double WireCost::loss_amplification(double packet_loss_ratio) const {
  // Keeps its digits where the ratio is tiny; the sum makes the -0 of no loss a 0.
  return 0.0 - std::expm1(static_cast<double>(packets) * std::log1p(-packet_loss_ratio));
}

WireCost message_cost(const HeaderStack& stack, std::uint64_t payload_octets) {
  check(stack, payload_octets);
  const bool fragmented =
      stack.transport == Transport::udp && payload_octets > stack.largest_whole_payload();
  const std::uint64_t datagram_octets = payload_octets + stack.transport_header_octets();
  const Split split =
      fragmented ? into_fragments(stack, datagram_octets) : into_segments(stack, payload_octets);
  const bool fragment_headers = fragmented && stack.ip_version == IpVersion::v6;
  const std::uint64_t ip_header =
      stack.ip_header_octets() + (fragment_headers ? ipv6_fragment_header_octets : 0);

  WireCost cost;
  cost.payload_octets = payload_octets;
  cost.packets = split.full + 1;
  // Only the first fragment has the UDP header; every segment has its own.
  cost.transport_header_octets = (fragmented ? 1 : cost.packets) * stack.transport_header_octets();
  cost.ip_header_octets = cost.packets * ip_header;
  cost.ip_octets = payload_octets + cost.transport_header_octets + cost.ip_header_octets;
  cost.wire_octets = split.full * on_the_wire(stack, ip_header + split.full_octets) +
                     on_the_wire(stack, ip_header + split.last_octets);
  cost.wire_efficiency_ratio =
      static_cast<double>(payload_octets) / static_cast<double>(cost.wire_octets);
  return cost;
}

StreamCost packed_stream_cost(const HeaderStack& stack, std::uint64_t payload_octets) {
  check(stack, payload_octets);
  // UDP never packs; of TCP a full segment is what is shared out.
  const bool packs = stack.transport == Transport::tcp;
  const WireCost unit = message_cost(stack, packs ? stack.largest_whole_payload() : payload_octets);
  const double share =
      static_cast<double>(payload_octets) / static_cast<double>(unit.payload_octets);
  return {.header_octets_per_message =
              share * static_cast<double>(unit.transport_header_octets + unit.ip_header_octets),
          .wire_octets_per_message = share * static_cast<double>(unit.wire_octets),
          .wire_efficiency_ratio = unit.wire_efficiency_ratio};
}

}  // namespace netduel
