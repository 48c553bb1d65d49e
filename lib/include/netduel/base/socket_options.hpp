#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "netduel/base/endpoint.hpp"

namespace netduel {

/// The operating system's handle of a socket: a file descriptor on POSIX systems.
using NativeHandle = int;

/// The ECN field of the IP header (RFC 3168, section 5).
enum class Ecn : std::uint8_t { not_ect = 0, ect_1 = 1, ect_0 = 2, congestion_experienced = 3 };

// Every option has its default spelled out, so that designated initializers may leave out any of
// them without a warning (-Wmissing-field-initializers). An absent one leaves the system's default.
// An interface goes by its name or, as text too, its index; empty leaves the choice to the system.

/// A group that a socket receives (RFC 1112, RFC 3810) or, with a source, what one sender sends to
/// it (source-specific multicast, RFC 4607).
struct MulticastMembership {
  /// The port is not looked at.
  Endpoint group = {};
  std::string interface = {};
  std::optional<Endpoint> source = {};
};

/// How a UDP socket is opened. A value that the system doesn't take makes `open` throw a
/// std::system_error that names it.
struct UdpOptions {
  /// SO_RCVBUF and SO_SNDBUF, in octets as asked.
  std::optional<std::size_t> receive_buffer_octets = {};
  std::optional<std::size_t> send_buffer_octets = {};
  /// Let the kernel take many messages as one super-packet (UDP_SEGMENT) and hand over many as one
  /// (UDP_GRO), where it can.
  bool offload = true;
  /// SO_REUSEADDR: several sockets share a port if all have it. Each gets every multicast and
  /// broadcast datagram, and one of them (on Linux the last bound) all others.
  bool reuse_address = false;
  /// SO_BROADCAST: without it, sending to a broadcast address is refused (EACCES).
  bool broadcast = false;
  /// TTL or hop limit of unicast datagrams, 1 to 255.
  std::optional<std::uint8_t> hop_limit = {};
  /// TTL or hop limit of multicast datagrams; 0 keeps them in this host. Systems begin with 1.
  std::optional<std::uint8_t> multicast_hop_limit = {};
  /// The interface that multicast datagrams leave through.
  std::string multicast_interface = {};
  /// Whether members of the group in this host get what this socket sends (on Linux; elsewhere a
  /// receiving socket may have the say). Systems begin with true.
  std::optional<bool> multicast_loopback = {};
  /// The differentiated services code point (RFC 2474), 0 to 63, and the ECN field.
  std::optional<std::uint8_t> dscp = {};
  std::optional<Ecn> ecn = {};
  /// True: never fragmented, neither here nor on the way; what is too long for the path is refused
  /// (EMSGSIZE). False: fragmented wherever it must be.
  std::optional<bool> dont_fragment = {};
  /// False: datagrams leave without UDP's checksum (SO_NO_CHECK), one at a time, as the kernel
  /// segments none of those. On Linux, and with IPv4 alone: IPv6 has no checksum of its own, and
  /// hosts drop datagrams that lack UDP's (RFC 8200, section 8.1).
  bool checksum = true;
  /// Arrivals tell what their IP header said: Received::packet.
  bool packet_info = false;
  /// Connects the socket (connect(2)): from then on it gets only what comes from there and sends
  /// nowhere else, and with `reuse_address` several sockets may share one local address and port,
  /// each with a peer of its own. What others sent between binding and connecting may still be
  /// received: Received::source tells. Of a socket bound to an unspecified address, `local` is then
  /// the one that it sends from. Port 0 and an address of the other IP version are refused.
  std::optional<Endpoint> peer = {};
  /// What comes in and goes out passes this interface alone (SO_BINDTODEVICE, Linux alone; before
  /// Linux 5.7 for root or with CAP_NET_RAW only, and so is any later change).
  std::string interface = {};
  /// The most that the socket sends, headers included, at least 8 bit/s (SO_MAX_PACING_RATE, Linux
  /// alone). The kernel keeps to it where datagrams leave through the queueing discipline
  /// fq, and nowhere else.
  std::optional<std::uint64_t> max_pacing_bits_per_second = {};
};

/// Probes on an idle connection (RFC 9293, section 3.8.4). Linux takes 1 to 32767 seconds and 1 to
/// 127 probes.
struct Keepalive {
  std::optional<std::chrono::seconds> idle = {};      ///< before the first probe
  std::optional<std::chrono::seconds> interval = {};  ///< between probes
  std::optional<int> probes = {};                     ///< unanswered, until the connection fails
};

/// How a TCP connection is opened; a listener's are those of each connection that it accepts. A
/// value that the system doesn't take makes `connect` or `open` throw a std::system_error that
/// names it.
struct TcpOptions {
  static constexpr std::size_t largest_message_octets = std::size_t{1} << 30;

  /// What comes in is cut into messages of this many octets each, at most `largest_message_octets`;
  /// what goes out has to have that length too. 0: the stream is not framed, and a receive returns
  /// one message with whatever has arrived.
  std::size_t message_octets = 0;
  /// SO_RCVBUF and SO_SNDBUF, in octets as asked. Absent, the system sizes them as it goes.
  std::optional<std::size_t> receive_buffer_octets = {};
  std::optional<std::size_t> send_buffer_octets = {};
  /// Congestion control by the kernel's name (TCP_CONGESTION); empty takes the system's default.
  std::string congestion = {};
  /// TCP_NODELAY: Nagle's algorithm off (RFC 9293, section 3.7.4).
  bool no_delay = false;
  /// TCP_MAXSEG: the most octets in a segment, their TCP options included; also what is announced
  /// to the peer (RFC 9293, section 3.7.1). Linux takes 88 to 32767.
  std::optional<std::size_t> mss_octets = {};
  std::optional<Keepalive> keepalive = {};
  /// TCP_USER_TIMEOUT: the connection fails when what was sent stays unacknowledged this long
  /// (RFC 5482).
  std::optional<std::chrono::milliseconds> user_timeout = {};
  /// SO_LINGER. Destroying the connection waits this long for what is unsent or unacknowledged; 0
  /// resets the connection instead. Without it, it returns at once and the system goes on sending.
  std::optional<std::chrono::seconds> linger = {};
  /// TTL or hop limit of what this end sends, 1 to 255.
  std::optional<std::uint8_t> hop_limit = {};
  /// The differentiated services code point (RFC 2474), 0 to 63. TCP keeps the ECN field to itself:
  /// of a whole octet of the header only this part, its upper six bits, is anyone else's to set.
  std::optional<std::uint8_t> dscp = {};
  /// What comes in and goes out passes this interface alone (SO_BINDTODEVICE, Linux alone; before
  /// Linux 5.7 for root or with CAP_NET_RAW only, and so is any later change).
  std::string interface = {};
  /// The most that the socket sends, headers included, at least 8 bit/s (SO_MAX_PACING_RATE, Linux
  /// alone). TCP spreads its segments by itself, whatever the queueing discipline.
  std::optional<std::uint64_t> max_pacing_bits_per_second = {};
};

}  // namespace netduel
