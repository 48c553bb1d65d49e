#pragma once

#include <span>
#include <vector>

#include "netduel/base/readiness.hpp"
#include "netduel/base/time.hpp"
#include "os/owned_handle.hpp"

namespace netduel::os {

/// The kernel's way to wait for many handles (epoll on Linux). The contract is WaitSet's.
class EventQueue {
 public:
  EventQueue();

  void set(NativeHandle handle, Interest interest, std::uint64_t key);
  void remove(NativeHandle handle);
  std::span<const Ready> wait(Deadline deadline);

 private:
  OwnedHandle queue_;
  std::vector<Ready> ready_;
  /// The kernel waits to the nanosecond by itself (epoll_pwait2, Linux 5.11).
  bool waits_precisely_ = true;
};

}  // namespace netduel::os
