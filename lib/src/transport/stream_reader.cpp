#include "transport/stream_reader.hpp"

#include <algorithm>
#include <cstring>
#include <string>
#include <system_error>

#include "os/stream.hpp"
#include "os/wait.hpp"

namespace netduel {
namespace {

/// Larger reads gave no more goodput over loopback; smaller ones cost calls.
constexpr std::size_t least_capacity = 256 * 1024;
/// Bounds the memory for views when messages are short; the rest waits for the next receive.
constexpr std::size_t most_views = 4096;

}  // namespace

void check_framing(std::size_t message_octets) {
  if (message_octets <= TcpOptions::largest_message_octets) return;
  throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                          "frame messages of " + std::to_string(message_octets) +
                              " octets (at most " +
                              std::to_string(TcpOptions::largest_message_octets) + ")");
}

StreamReader::StreamReader(NativeHandle handle, const Endpoint& source, std::size_t message_octets)
    : handle_(handle), source_(source), message_octets_(message_octets) {}

ReceiveResult StreamReader::receive(Deadline deadline, std::size_t most_messages) {
  messages_.clear();
  // Past the deadline this goes on only while octets are there to read, and at most for one
  // message.
  for (;;) {
    take_messages(most_messages);
    if (!messages_.empty()) return {.messages = messages_, .end = End::open, .error = {}};
    if (state_ != End::open) return {.messages = {}, .end = state_, .error = error_};
    make_room();
    const os::StreamRead read = os::read_stamped(handle_, {&buffer_[end_], capacity_ - end_});
    if (read.octets > 0) {
      end_ += read.octets;
      read_at_ = wall_now();
      stamped_by_ = read.stamped_by;
      arrived_ = stamped_by_ == StampedBy::kernel ? read.arrived : read_at_;
    } else if (read.error == std::errc::operation_would_block) {
      if (!os::wait_readable(handle_, deadline)) {
        return {.messages = {}, .end = End::timed_out, .error = {}};
      }
    } else {
      end(read.error);
      take_rest();
      return {.messages = messages_, .end = state_, .error = error_};
    }
  }
}

std::size_t StreamReader::discard(std::size_t most_octets) {
  const std::size_t octets = std::min(most_octets, end_ - begin_);
  begin_ += octets;
  return octets;
}

/// Whole messages that have been read.
void StreamReader::take_messages(std::size_t most_messages) {
  if (message_octets_ == 0) {
    take_rest();
    if (!messages_.empty()) messages_.back().truncated = false;
    return;
  }
  if (end_ - begin_ < message_octets_) return;
  // Not before: a server's thousand connections that wait for a word have no use for that memory.
  messages_.reserve(most_views);
  const std::size_t most = std::min(most_messages, most_views);
  while (messages_.size() < most && end_ - begin_ >= message_octets_) {
    add_message(message_octets_, false);
  }
}

/// What is left when a stream ends inside a message.
void StreamReader::take_rest() {
  if (begin_ < end_) add_message(end_ - begin_, true);
}

void StreamReader::add_message(std::size_t octets, bool truncated) {
  messages_.push_back({.payload = Bytes(&buffer_[begin_], octets),
                       .source = source_,
                       .arrived = arrived_,
                       .read_at = read_at_,
                       .queue_drops = 0,
                       .stamped_by = stamped_by_,
                       .truncated = truncated});
  begin_ += octets;
}

/// Moves the beginning of the next message to the front, where the rest of it will fit.
void StreamReader::make_room() {
  const std::size_t rest = end_ - begin_;
  const std::size_t wanted = std::max(least_capacity, 2 * message_octets_);
  if (capacity_ < wanted) {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
    if (rest > 0) std::memcpy(larger.get(), &buffer_[begin_], rest);
    buffer_ = std::move(larger);
    capacity_ = wanted;
  } else if (begin_ > 0 && rest > 0) {
    std::memmove(buffer_.get(), &buffer_[begin_], rest);
  }
  begin_ = 0;
  end_ = rest;
}

void StreamReader::end(std::error_code error) {
  error_ = error;
  state_ = error ? End::failed : End::finished;
}

}  // namespace netduel
