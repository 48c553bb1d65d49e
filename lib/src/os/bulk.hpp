#pragma once

#include <cstddef>
#include <memory>
#include <system_error>

#include "netduel/base/message.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel::os {

// Octets that nobody looks at, passed with as few copies as the platform can.

/// What one non-blocking call has passed.
struct BulkOctets {
  std::size_t octets = 0;
  std::error_code error;  ///< would_block when nothing could be passed now
};

/// Octets that are sent again and again: on Linux in a file in memory, of which the pages
/// themselves are sent (sendfile(2)). Stays where it is made; threads may share it.
class ConstantPayload {
 public:
  /// Copies the content. Throws std::system_error when the system has no such file or no room.
  explicit ConstantPayload(Bytes content);
  ~ConstantPayload();

  std::size_t octets() const { return octets_; }

 private:
  friend BulkOctets send_file(NativeHandle socket, const ConstantPayload& payload,
                              std::size_t offset, std::size_t octets);
  struct Content;
  std::size_t octets_;
  std::unique_ptr<const Content> content_;
};

/// One write of at most `octets` of the payload from `offset` on, which must lie in it. The socket
/// must be non-blocking. Never raises SIGPIPE.
BulkOctets send_file(NativeHandle socket, const ConstantPayload& payload, std::size_t offset,
                     std::size_t octets);

/// Takes at most `most_octets`, at least 1, off a stream unseen, on Linux uncopied too (MSG_TRUNC,
/// tcp(7)). 0 without an error: the peer has half-closed.
BulkOctets discard(NativeHandle socket, std::size_t most_octets);

}  // namespace netduel::os
