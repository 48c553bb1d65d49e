#include <cerrno>

#include <sys/socket.h>

#include "os/socket.hpp"
#include "os/stream.hpp"

namespace netduel::os {

bool enable_receive_stamps(NativeHandle) {
  return false;
}

StreamRead read_stamped(NativeHandle handle, std::span<std::byte> into) {
  ssize_t octets = 0;
  do {
    octets = recv(handle, into.data(), into.size(), MSG_DONTWAIT);
  } while (octets < 0 && errno == EINTR);
  StreamRead read;
  if (octets < 0) {
    read.error = last_error();
  } else {
    read.octets = static_cast<std::size_t>(octets);
  }
  return read;
}

void reset_connection(NativeHandle handle) {
  // Where connect(2) dissolves the association, that resets at once and wakes waiting threads.
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  if (connect(handle, &none, sizeof none) == 0) return;
  // Elsewhere closing the handle sends the reset. No FIN before it: to the peer that would look
  // like a proper end.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(handle, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  (void)shutdown(handle, SHUT_RD);
}

void set_user_timeout(NativeHandle, std::chrono::milliseconds time) {
  throw std::system_error(
      std::make_error_code(std::errc::operation_not_supported),
      "fail a connection when nothing is acknowledged for " + std::to_string(time.count()) + " ms");
}

void set_congestion(NativeHandle, const std::string& name) {
  throw std::system_error(std::make_error_code(std::errc::operation_not_supported),
                          "use congestion control '" + name +
                              "' (this build takes what the system has for all; only netduel's "
                              "files for Linux can choose)");
}

std::vector<std::string> available_congestion_controls() {
  return {};
}

std::vector<std::string> loaded_congestion_controls() {
  return {};
}

}  // namespace netduel::os
