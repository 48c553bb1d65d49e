#pragma once

#include <memory>
#include <span>

#include "netduel/base/readiness.hpp"
#include "netduel/base/socket_options.hpp"
#include "netduel/base/time.hpp"

namespace netduel::os {

/// The kernel's way to wait for many handles: epoll on Linux, else poll. The contract is WaitSet's.
class EventQueue {
 public:
  EventQueue();
  ~EventQueue();

  void set(NativeHandle handle, Interest interest, std::uint64_t key);
  void remove(NativeHandle handle);
  std::span<const Ready> wait(Deadline deadline);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netduel::os
