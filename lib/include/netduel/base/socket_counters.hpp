#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace netduel {

/// A socket buffer as the kernel keeps it.
struct BufferSize {
  std::optional<std::size_t> asked_octets;
  /// As getsockopt tells: Linux counts its own bookkeeping too and so shows twice what was asked.
  std::size_t granted_octets = 0;
  /// The system's limit (net.core.rmem_max, net.core.wmem_max) cut what was asked.
  bool cut = false;
};

/// What a socket can tell of itself. Absent is not zero: the platform cannot tell.
struct SocketCounters {
  BufferSize receive_buffer;
  BufferSize send_buffer;
  /// Datagrams that found the receive buffer full or had a bad checksum; a super-packet counts
  /// once (SO_MEMINFO, SK_MEMINFO_DROPS).
  std::optional<std::uint64_t> receive_queue_drops;
  /// ICMP errors that came back for what this socket sent: port or host unreachable, too big.
  std::optional<std::uint64_t> icmp_errors;
  /// Whether sending uses UDP_SEGMENT, and receiving UDP_GRO.
  bool segmentation_offload = false;
  bool receive_offload = false;
  /// The fewest and the most messages in one accepted send operation; 0 before the first.
  std::uint32_t smallest_super_packet_messages = 0;
  std::uint32_t largest_super_packet_messages = 0;
  /// The most octets handed to the kernel as one packet (UDP) or one write (TCP).
  std::size_t largest_super_packet_octets = 0;
};

/// What TCP_INFO tells of a connection, since it was opened; each absent where the kernel's answer
/// is too short for it. Octets are those of the stream, and RFC 4898 defines what is counted.
struct TcpInfo {
  /// The congestion control by the kernel's name: `cubic`.
  std::string congestion;
  /// Whether the connection carries timestamps (RFC 7323): 12 octets of options in each segment.
  std::optional<bool> timestamps;
  /// The most payload that a segment carries: TCP options are taken off already.
  std::optional<std::uint32_t> send_mss_octets;
  /// What the connection takes the path to carry, headers of IP included (RFC 1191, RFC 8201).
  std::optional<std::uint32_t> path_mtu_octets;
  /// SRTT (RFC 6298, section 2), and the least round trip of the last minutes (tcp_min_rtt_wlen).
  /// The kernel knows both to the microsecond. Absent before the first sample.
  std::optional<std::chrono::nanoseconds> smoothed_rtt;
  std::optional<std::chrono::nanoseconds> minimum_rtt;
  /// RTTVAR (RFC 6298, section 2): how much round trips differ from `smoothed_rtt`. Absent before
  /// the first sample.
  std::optional<std::chrono::nanoseconds> rtt_variation;
  /// The congestion window (RFC 5681, section 2) that holds now: the kernel's segments times
  /// `send_mss_octets`.
  std::optional<std::uint64_t> congestion_window_octets;
  /// What the peer's receive window lets through now (SND.WND of RFC 9293, section 3.3.1). Since
  /// Linux 5.4.
  std::optional<std::uint32_t> send_window_octets;
  /// How often acknowledgements have shown that the path reordered segments.
  std::optional<std::uint32_t> reordering_events;
  /// Segments sent again, however often each.
  std::optional<std::uint64_t> retransmitted_segments;
  /// Retransmissions included.
  std::optional<std::uint64_t> octets_sent;
  std::optional<std::uint64_t> octets_retransmitted;
  std::optional<std::uint64_t> octets_acknowledged;
  /// How long something was unsent or unacknowledged, and how much of that the peer's window or
  /// our own send buffer held back.
  std::optional<std::chrono::nanoseconds> busy;
  std::optional<std::chrono::nanoseconds> receive_window_limited;
  std::optional<std::chrono::nanoseconds> send_buffer_limited;
};

}  // namespace netduel
