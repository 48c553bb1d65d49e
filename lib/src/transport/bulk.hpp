#pragma once

#include <cstddef>
#include <system_error>

#include "netduel/base/message.hpp"
#include "netduel/transport/tcp.hpp"
#include "os/bulk.hpp"

namespace netduel {

// For a stream whose octets nobody looks at. What passes here has no messages, times or source.

/// Fewer octets than were asked for, without a refusal: the deadline passed first.
struct BulkSent {
  std::size_t accepted_octets = 0;
  std::error_code refused;  ///< as of TcpConnection::send
};

/// Sends `octets` of the payload from `offset` on, which must lie in it, behind the rest of a
/// message that an earlier send has cut. Waits at full send buffers until `deadline`. Belongs to
/// the sending half, and may take turns with TcpConnection::send.
BulkSent send_constant(TcpConnection& connection, const os::ConstantPayload& payload,
                       std::size_t offset, std::size_t octets, Deadline deadline);

struct Discarded {
  std::size_t octets = 0;  ///< more than 0 as long as `end` is `open`
  End end = End::open;
  std::error_code error;  ///< set when `end` is `failed`
};

/// Waits until `deadline` for octets and takes what is there, at most `most_octets` (at least 1),
/// off the stream unseen; first those that the connection has read and not returned. Belongs to
/// the receiving half, and may take turns with TcpConnection::receive.
Discarded discard(TcpConnection& connection, std::size_t most_octets, Deadline deadline);

}  // namespace netduel
