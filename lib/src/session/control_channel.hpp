#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <asio/any_io_executor.hpp>
#include <asio/awaitable.hpp>
#include <asio/posix/stream_descriptor.hpp>

#include "netduel/transport/tcp.hpp"
#include "wire/iperf3.hpp"

namespace netduel {

template <class T>
using Task = asio::awaitable<T>;

/// The control connection ended, stalled, or said what it should not; in words for users.
class ControlError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The peer ended the test (states 11 and 12) or refused it (-1), or told of an error (-2).
class PeerEnded : public ControlError {
 public:
  PeerEnded(const std::string& what, iperf3::State by) : ControlError(what), state(by) {}
  iperf3::State state;
};

/// A control connection as both ends see it: octets for states, and documents behind their length.
/// Reads and writes throw ControlError. One coroutine may read while another writes; all on one
/// thread.
class ControlChannel {
 public:
  ControlChannel(const asio::any_io_executor& executor, TcpConnection connection);
  ~ControlChannel();
  ControlChannel(const ControlChannel&) = delete;
  ControlChannel& operator=(const ControlChannel&) = delete;

  Task<std::vector<std::byte>> read(std::size_t octets, Deadline deadline);
  /// nullopt when nothing came by the deadline.
  Task<std::optional<iperf3::State>> try_read_state(Deadline deadline);
  Task<iperf3::State> read_state(Deadline deadline);
  /// The same, where only one is right. Throws PeerEnded for those that end a test.
  Task<void> expect(iperf3::State wanted, Deadline deadline);
  Task<std::string> read_document(std::size_t longest_octets, Deadline deadline);
  /// Throws for a state that ends a test: why, in words.
  Task<void> refuse_end(iperf3::State state, Deadline deadline);

  Task<void> write(std::vector<std::byte> octets, Deadline deadline);
  Task<void> write_state(iperf3::State state, Deadline deadline);
  Task<void> write_document(std::string json, Deadline deadline);
  Task<void> write_error(iperf3::ServerError error, Deadline deadline);

  /// Ends what is waiting: it throws. Then nothing more can be read or written.
  void close();
  bool open() const { return !closed_; }
  /// The connection for another use; the channel is of none then.
  TcpConnection release();
  TcpConnection& connection() { return connection_; }

 private:
  Task<bool> ready(asio::posix::descriptor_base::wait_type what, Deadline deadline);

  TcpConnection connection_;
  asio::posix::stream_descriptor descriptor_;
  bool closed_ = false;
};

}  // namespace netduel
