#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "netduel/base/export.hpp"
#include "netduel/base/socket_options.hpp"
#include "netduel/base/time.hpp"

namespace netduel {

enum class Interest : std::uint8_t { readable = 1, writable = 2, both = 3 };

/// A handle that is ready, by the key under which it was added.
struct Ready {
  std::uint64_t key = 0;
  bool readable = false;  ///< data, the peer's half-close, or an error to fetch
  bool writable = false;
};

/// One wait for many sockets, so that one thread serves many streams (epoll on Linux). Wakes to
/// within the kernel's timer slack of the deadline. Move-only, one thread.
class NETDUEL_EXPORT WaitSet {
 public:
  WaitSet();
  WaitSet(WaitSet&&) noexcept;
  WaitSet& operator=(WaitSet&&) noexcept;
  ~WaitSet();

  /// Adds a handle or changes its interest and key. Throws std::system_error when it can't be
  /// waited for.
  void set(NativeHandle handle, Interest interest, std::uint64_t key);
  /// Forgets a handle; does nothing when it isn't there. Call before closing the socket.
  void remove(NativeHandle handle);

  /// Waits until something is ready or the deadline passes (then the span is empty). The span is
  /// valid until the next wait. Every ready handle gets its turn, however many there are.
  std::span<const Ready> wait(Deadline deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netduel
