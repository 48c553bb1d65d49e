#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "netduel/base/export.hpp"
#include "netduel/base/readiness.hpp"
#include "netduel/base/socket_options.hpp"
#include "netduel/base/time.hpp"

namespace netduel {

/// One wait for many sockets, so that one thread serves many streams (epoll on Linux). Wakes to
/// within the kernel's timer slack of the deadline. Move-only, one thread.
class NETDUEL_EXPORT WaitSet {
 public:
  /// Throws std::system_error when the system gives no more handles.
  WaitSet();
  WaitSet(WaitSet&&) noexcept;
  WaitSet& operator=(WaitSet&&) noexcept;
  ~WaitSet();

  /// Adds a handle or changes its interest and key. Throws std::system_error when it can't be
  /// waited for.
  void set(NativeHandle handle, Interest interest, std::uint64_t key);
  /// Forgets a handle; does nothing when it isn't there. Call before closing the socket.
  void remove(NativeHandle handle);

  /// Waits until something is ready or the deadline passes (then the span is empty). What stays
  /// unread is told of again by the next wait, but see TcpConnection::receive for octets that the
  /// connection keeps. The span is valid until the next wait. Every ready handle gets its turn,
  /// however many there are. Throws std::system_error when the system can't wait.
  std::span<const Ready> wait(Deadline deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netduel
