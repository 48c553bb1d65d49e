#include <algorithm>
#include <limits>

#include "os/socket.hpp"

namespace netduel::os {
namespace {

BufferSize set_buffer(NativeHandle handle, int option, std::optional<std::size_t> asked) {
  BufferSize buffer{.asked_octets = asked, .granted_octets = 0, .cut = false};
  if (asked) {
    constexpr std::size_t most = std::numeric_limits<int>::max();
    const int octets = static_cast<int>(std::min(*asked, most));
    if (setsockopt(handle, SOL_SOCKET, option, &octets, sizeof octets) != 0) {
      throw_last_error("ask for a socket buffer of " + std::to_string(*asked) + " octets");
    }
  }
  int granted = 0;
  socklen_t length = sizeof granted;
  if (getsockopt(handle, SOL_SOCKET, option, &granted, &length) != 0) {
    throw_last_error("ask for the size of a socket buffer");
  }
  buffer.granted_octets = static_cast<std::size_t>(granted);
  // Linux doubles what it grants, for its own bookkeeping (socket(7)), and cuts without an error.
  buffer.cut = asked && buffer.granted_octets / 2 < *asked;
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
