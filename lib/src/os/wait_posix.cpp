#include "os/wait.hpp"

#include <cerrno>

#include <poll.h>

#include "os/remaining_time.hpp"
#include "os/socket.hpp"

namespace netduel::os {
namespace {

bool wait_for(NativeHandle handle, short events, Deadline deadline) {
  pollfd waited{.fd = handle, .events = events, .revents = 0};
  for (;;) {
    const timespec left = remaining_time(deadline);
    const int ready = ppoll(&waited, 1, &left, nullptr);
    if (ready >= 0) return ready > 0;
    if (errno != EINTR) throw_last_error("wait for a socket");
  }
}

}  // namespace

bool wait_readable(NativeHandle handle, Deadline deadline) {
  return wait_for(handle, POLLIN, deadline);
}

bool wait_writable(NativeHandle handle, Deadline deadline) {
  return wait_for(handle, POLLOUT, deadline);
}

}  // namespace netduel::os
