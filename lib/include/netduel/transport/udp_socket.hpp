#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/export.hpp"
#include "netduel/base/message.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel {

class DatagramIo;

/// A UDP socket (RFC 768): the destination goes with each batch, and one socket serves both
/// directions. With UdpOptions::peer it has one destination, and one source. Move-only; one that
/// was moved from can only be assigned to or destroyed. One thread may send while another receives;
/// nothing else may be shared between threads but where a call says so. No call blocks past its
/// deadline.
class NETDUEL_EXPORT UdpSocket {
 public:
  /// Opens and binds; port 0 takes a free one. A socket is of its address's IP version and carries
  /// no other (IPV6_V6ONLY, RFC 3493, section 5.3). Throws std::system_error that names the
  /// attempt.
  static UdpSocket open(const Endpoint& local, const UdpOptions& options = {});

  UdpSocket(UdpSocket&&) noexcept;
  UdpSocket& operator=(UdpSocket&&) noexcept;
  ~UdpSocket();

  /// Hands the messages to the local stack, in order, many with one system call where the platform
  /// can: adjacent messages of one length go as one super-packet under UDP_SEGMENT. Waits at full
  /// send buffers until `deadline`. Never throws for what the stack refuses: see SendResult. Among
  /// that are a message above 65507 octets (65527 with IPv6; EMSGSIZE), port 0 (EINVAL) and an
  /// address of the other IP version (EAFNOSUPPORT), and where the socket has a peer, any other
  /// destination (EISCONN). Nobody listening is no refusal: ICMP tells of it later, see
  /// SocketCounters::icmp_errors.
  SendResult send_to(std::span<const Bytes> batch, const Endpoint& to, Deadline deadline);

  /// Waits until `deadline` for the first datagram and returns all that are there, up to a bound.
  /// The views stay valid until the next receive. An error that belongs to an earlier send (ICMP
  /// port unreachable) does not end the receive. Never `finished`, as UDP knows no end.
  ReceiveResult receive(Deadline deadline);

  /// Receives a group from now on, or no longer. Datagrams must also be sent to the socket's port,
  /// and its local address must be unspecified or the group's. Any thread may call it. A group is
  /// joined on an interface either from any source or from sources of one's own choice, one call
  /// each; leaving it without a source leaves all of them. Throws std::system_error that names the
  /// attempt: no multicast address, no such interface, no route, joined already
  /// (std::errc::address_in_use), joined the other way, not a member, or more than the system lets
  /// a socket join (ENOBUFS; with IPv4 on Linux 20 groups, net.ipv4.igmp_max_memberships, and 10
  /// sources of one, net.ipv4.igmp_max_msf).
  void join(const MulticastMembership& membership);
  void leave(const MulticastMembership& membership);

  /// How long a packet this host takes the path to carry, headers of IP included: the MTU of the
  /// interface, or less once ICMP has told of a narrower place (RFC 1191, RFC 8201). nullopt
  /// without a route, and where the platform can't tell. Thread-safe.
  static std::optional<std::size_t> path_mtu_octets(const Endpoint& to);

  /// What it is bound to, with the port that was free. Any thread may ask.
  Endpoint local() const;
  /// What the socket counted since it was opened. Any thread may ask, also while others send and
  /// receive.
  SocketCounters counters() const;
  /// To wait for in an event loop of one's own. Stays the socket's to close. Any thread may ask.
  NativeHandle native_handle() const;

 private:
  friend UdpSocket open_over(std::unique_ptr<DatagramIo> io);
  struct State;
  explicit UdpSocket(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace netduel
