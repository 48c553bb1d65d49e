#pragma once

#include <atomic>
#include <vector>

#include "netduel/base/message.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel {

/// The sending half of a stream: gathers messages into large writes and keeps the rest of one
/// that a deadline has cut, so that the stream never breaks inside a message.
class StreamWriter {
 public:
  /// Messages of that length are kept without allocating; longer ones take more memory once.
  StreamWriter(NativeHandle handle, std::size_t message_octets) : handle_(handle) {
    rest_.reserve(message_octets);
  }

  SendResult send(std::span<const Bytes> batch, Deadline deadline);
  /// Sends the rest of a cut message; false when the deadline passed first. True also when the
  /// connection has failed: then there is nothing left that could be sent.
  bool flush(Deadline deadline);
  /// What one write has sent, also one that went past this.
  void count(std::size_t written_octets);
  /// Any thread may ask.
  std::size_t largest_write_octets() const {
    return largest_write_octets_.load(std::memory_order_relaxed);
  }

 private:
  class Progress;
  void keep(Bytes rest);

  NativeHandle handle_;
  /// The rest of a cut message: its last `rest_octets_` octets. The memory is kept for the next.
  std::vector<std::byte> rest_;
  std::size_t rest_octets_ = 0;
  std::atomic<std::size_t> largest_write_octets_{0};
};

}  // namespace netduel
