#include <sys/socket.h>

#include "os/answer.hpp"
#include "os/socket.hpp"

namespace netduel::os {

void send_from(NativeHandle handle, Bytes message, const Endpoint&, const Endpoint& to) {
  sockaddr_storage address{};
  const socklen_t length = to_sockaddr(to, address);
  (void)sendto(handle, message.data(), message.size(), MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), length);
}

}  // namespace netduel::os
