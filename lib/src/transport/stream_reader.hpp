#pragma once

#include <memory>
#include <vector>

#include "netduel/base/message.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel {

/// Throws std::system_error for messages longer than TcpOptions::largest_message_octets.
void check_framing(std::size_t message_octets);

/// The receiving half of a stream: reads large pieces and shows them as messages of one length,
/// without copying more than the beginning of a message that the next read completes.
class StreamReader {
 public:
  StreamReader(NativeHandle handle, const Endpoint& source, std::size_t message_octets);

  ReceiveResult receive(Deadline deadline, std::size_t most_messages);
  /// Forgets at most so many octets of those that were read and not returned; tells how many.
  std::size_t discard(std::size_t most_octets);
  void frame(std::size_t message_octets) { message_octets_ = message_octets; }

 private:
  void take_messages(std::size_t most_messages);
  void take_rest();
  void make_room();
  void add_message(std::size_t octets, bool truncated);
  void end(std::error_code error);

  NativeHandle handle_;
  Endpoint source_;
  std::size_t message_octets_;

  /// Octets from `begin_` to `end_` have been read and not handed out yet.
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  /// Of the last read.
  WallTime arrived_;
  WallTime read_at_;
  StampedBy stamped_by_ = StampedBy::application;

  std::vector<Received> messages_;
  End state_ = End::open;
  std::error_code error_;
};

}  // namespace netduel
