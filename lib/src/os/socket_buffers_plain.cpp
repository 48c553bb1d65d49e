#include <algorithm>
#include <limits>

#include "os/socket.hpp"

namespace netduel::os {
namespace {

std::size_t granted(NativeHandle handle, int option) {
  int octets = 0;
  socklen_t length = sizeof octets;
  if (getsockopt(handle, SOL_SOCKET, option, &octets, &length) != 0) {
    throw_last_error("ask for the size of a socket buffer");
  }
  return static_cast<std::size_t>(octets);
}

bool takes(NativeHandle handle, int option, std::size_t octets) {
  const int value = static_cast<int>(octets);
  return setsockopt(handle, SOL_SOCKET, option, &value, sizeof value) == 0;
}

/// How many times what was asked for this system shows: Linux counts its own bookkeeping too. A
/// size that every system grants tells.
std::size_t shown_times(NativeHandle handle, int option) {
  constexpr std::size_t modest = 16 * 1024;
  if (!takes(handle, option, modest)) return 1;
  return std::max<std::size_t>(1, granted(handle, option) / modest);
}

BufferSize set_buffer(NativeHandle handle, int option, std::optional<std::size_t> asked) {
  BufferSize buffer{.asked_octets = asked, .granted_octets = 0, .cut = false};
  if (!asked) {
    buffer.granted_octets = granted(handle, option);
    return buffer;
  }
  const std::size_t times = shown_times(handle, option);
  // Some systems refuse what is above their limit where others cut it: then a part of it will do.
  constexpr std::size_t most = std::numeric_limits<int>::max();
  std::size_t octets = std::min(*asked, most);
  while (!takes(handle, option, octets)) {
    if (octets < 2) {
      throw_last_error("ask for a socket buffer of " + std::to_string(*asked) + " octets");
    }
    octets -= octets / 4 + 1;
  }
  buffer.granted_octets = granted(handle, option);
  buffer.cut = buffer.granted_octets / times < *asked;
  return buffer;
}

}  // namespace

BufferSize set_receive_buffer(NativeHandle handle, std::optional<std::size_t> asked) {
  return set_buffer(handle, SO_RCVBUF, asked);
}

BufferSize set_send_buffer(NativeHandle handle, std::optional<std::size_t> asked) {
  return set_buffer(handle, SO_SNDBUF, asked);
}

}  // namespace netduel::os
