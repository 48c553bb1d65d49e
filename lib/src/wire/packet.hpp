#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"

namespace netduel {

enum class Protocol : std::uint8_t { udp, tcp, icmp, icmpv6, arp, other };

/// Where things lie in an Ethernet frame and what its headers say. Offsets are from the frame's
/// first octet. Parsing never reads beyond the frame, whatever its lengths claim.
struct PacketHeaders {
  Protocol protocol = Protocol::other;
  /// Absent for what isn't IP (ARP).
  std::optional<IpVersion> ip_version;
  Endpoint source;  ///< ports are 0 where there are none, or in a fragment but the first
  Endpoint destination;
  std::size_t ip_at = 0;
  /// Behind all IP headers and IPv6 extension headers; the end where there is nothing more.
  std::size_t transport_at = 0;
  /// Behind the transport's header; `end` where it doesn't fit.
  std::size_t payload_at = 0;
  /// Where the IP packet ends: frames may be padded behind it.
  std::size_t end = 0;
  /// From the IP header to the end; for what isn't IP, all behind the Ethernet header.
  std::size_t ip_octets = 0;
  std::uint8_t ecn = 0;  ///< RFC 3168: 0 not capable, 1 and 2 capable, 3 congestion experienced
  /// A fragment, the first included (RFC 791; RFC 8200, section 4.5).
  bool is_fragment = false;
  bool is_first_fragment = false;
  std::uint32_t fragment_id = 0;
  std::uint32_t tcp_sequence = 0;
  /// Payload, and one each for SYN and FIN.
  std::uint32_t tcp_sequence_length = 0;
  /// ARP, or ICMPv6 133 to 137 (RFC 4861).
  bool is_neighbour_discovery = false;
  /// IGMP (RFC 9776), or ICMPv6 130 to 132 and 143 (MLD, RFC 9777).
  bool is_group_membership = false;
};

/// nullopt when it is shorter than an Ethernet header. A malformed IP or transport header gives
/// what is known until there, with the offsets behind at the end.
std::optional<PacketHeaders> read_headers(Bytes frame);

/// RFC 1071 over some octets, folded to 16 bits and not complemented; sums may be chained.
std::uint32_t internet_sum(Bytes octets, std::uint32_t before = 0);

/// What a virtio-net header says of a frame (struct virtio_net_hdr, linux/virtio_net.h).
struct Offload {
  enum class Segments : std::uint8_t { none, tcp, udp };
  /// The transport's checksum holds the sum of the pseudo-header alone, and its place is
  /// `checksum_at`, `checksum_from` being where the sum begins.
  bool partial_checksum = false;
  std::uint16_t checksum_from = 0;
  std::uint16_t checksum_at = 0;
  Segments segments = Segments::none;
  /// Payload octets of each segment but the last.
  std::uint16_t segment_octets = 0;
  /// All headers, Ethernet's included.
  std::uint16_t header_octets = 0;
  friend bool operator==(const Offload&, const Offload&) = default;
};

/// Fills in a partial checksum; does nothing when there is none, or its place isn't in the frame.
void complete_checksum(std::span<std::byte> frame, Offload& offload);
/// Sets CE (RFC 3168) in an IP header and mends IPv4's checksum.
void mark_congestion(std::span<std::byte> frame, const PacketHeaders& headers);
/// Flips one bit of the transport's header or payload, chosen by `random`; false when there is
/// none.
bool flip_bit(std::span<std::byte> frame, const PacketHeaders& headers, std::uint64_t random);
/// Swaps two different 16-bit words of the payload, aligned to the transport header, so that its
/// checksum stays right; false where there are no two that differ.
bool swap_words(std::span<std::byte> frame, const PacketHeaders& headers, std::uint64_t random);

/// The wire packets of a super-packet, as the kernel or a network card would cut it.
class Segmenter {
 public:
  /// The frame must outlive this; the headers are kept. What can't be cut is one segment, itself.
  Segmenter(Bytes frame, const PacketHeaders& headers, const Offload& offload);

  std::size_t count() const { return count_; }
  std::size_t frame_octets(std::size_t index) const;
  /// Writes segment `index` into `out`, of just `frame_octets(index)`: lengths, IPv4's
  /// identification and header checksum, TCP's sequence number and flags (FIN and PSH in the last,
  /// CWR in the first, RFC 3168 section 6.1.2), and a partial checksum of the pseudo-header.
  void write(std::size_t index, std::span<std::byte> out) const;
  /// What is to be said of each segment.
  Offload offload() const { return segment_offload_; }
  /// IP octets of all segments together.
  std::size_t ip_octets() const;

 private:
  Bytes frame_;
  PacketHeaders headers_;
  Offload::Segments kind_ = Offload::Segments::none;
  std::size_t header_octets_ = 0;
  std::size_t step_ = 0;
  std::size_t count_ = 1;
  Offload segment_offload_;
};

}  // namespace netduel
