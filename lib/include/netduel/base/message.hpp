#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <system_error>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/socket_options.hpp"
#include "netduel/base/time.hpp"

namespace netduel {

/// The octets of one Message (RFC 9622), or of a part of one. A view: whoever made it owns them.
using Bytes = std::span<const std::byte>;

/// Who took the time of an arrival: the kernel when the packet came in, or the application when it
/// read it. They differ by the time that the packet waited to be read.
enum class StampedBy : std::uint8_t { kernel, application };

/// What the headers of a datagram's packet said; absent is what the platform can't tell.
struct PacketInfo {
  /// Where it was sent to: an address of this host, a group, or a broadcast address, with the
  /// socket's own port.
  std::optional<Endpoint> destination;
  /// The interface that it came in by, as the system numbers it (RFC 3493, section 4).
  std::optional<std::uint32_t> interface_index;
  /// What was left of the TTL (RFC 791) or the hop limit (RFC 8200, section 3).
  std::optional<std::uint8_t> hop_limit;
  /// RFC 2474: the differentiated services code point.
  std::optional<std::uint8_t> dscp;
  /// RFC 3168, section 5.
  std::optional<Ecn> ecn;
};

/// One message as it came in. The payload is a view into the receiver's buffer and stays valid
/// until the next receive on the same socket.
struct Received {
  Bytes payload;
  Endpoint source;
  /// When it came to this host: by the kernel's stamp where `stamped_by` says so; one stamp per
  /// super-packet under UDP_GRO and per read with TCP, where it is that of the last segment of the
  /// read.
  WallTime arrived;
  /// When the application had the whole message.
  WallTime read_at;
  /// Datagrams that the socket had dropped when this one was queued, counted since the socket was
  /// opened, modulo 2^32 (SO_RXQ_OVFL). A super-packet counts once. 0 where the platform can't
  /// tell.
  std::uint32_t queue_drops = 0;
  StampedBy stamped_by = StampedBy::application;
  /// The payload is not the whole message: the buffer was too small, or a stream ended inside it.
  bool truncated = false;
  /// Of UDP with UdpOptions::packet_info; null otherwise, and where the platform can't tell. Valid
  /// as long as the payload.
  const PacketInfo* packet = nullptr;
};

/// Why a receive returned.
enum class End : std::uint8_t {
  open,       ///< there may be more
  timed_out,  ///< the deadline passed and nothing had come
  finished,   ///< the peer has closed its sending half; nothing more will come
  failed      ///< see `error`
};

/// What a receive gives. Messages may also come with `finished` and `failed`: the part of one that
/// the end of a TCP stream has cut.
struct ReceiveResult {
  /// Valid, as the payloads are, until the next receive on the same socket.
  std::span<const Received> messages;
  End end = End::open;
  /// Set when `end` is `failed`.
  std::error_code error;
};

/// What became of a batch: the first `accepted` messages went to the local stack, the
/// `refused_messages` after them were turned away for the reason in `refused` (a datagram's loss
/// before it left this host, a measurement and no exception), and the rest was not tried: because
/// of the refusal or, without one, because the deadline had passed. With UDP_SEGMENT a super-packet
/// is accepted or refused as a whole. A TCP message that the deadline cut counts as accepted, and
/// the connection keeps its rest.
struct SendResult {
  std::size_t accepted = 0;
  std::size_t refused_messages = 0;
  std::error_code refused;
};

}  // namespace netduel
