#include <cerrno>

#include <netinet/in.h>
#include <sys/socket.h>

#include "os/ip_options.hpp"
#include "os/owned_handle.hpp"
#include "os/socket.hpp"

namespace netduel::os {

void set_dont_fragment(NativeHandle handle, IpVersion version, std::optional<bool> forbid) {
  if (!forbid) return;
  const std::string attempt = *forbid ? "forbid fragmentation" : "allow fragmentation";
  if (version == IpVersion::v4) {
    const int mode = *forbid ? IP_PMTUDISC_DO : IP_PMTUDISC_DONT;
    set_option(handle, IPPROTO_IP, IP_MTU_DISCOVER, mode, attempt);
  } else {
    const int mode = *forbid ? IPV6_PMTUDISC_DO : IPV6_PMTUDISC_DONT;
    set_option(handle, IPPROTO_IPV6, IPV6_MTU_DISCOVER, mode, attempt);
  }
}

void receive_joined_groups_only(NativeHandle handle, IpVersion version) {
  const int all = 0;
  if (version == IpVersion::v4) {
    set_option(handle, IPPROTO_IP, IP_MULTICAST_ALL, all, "receive joined groups only");
  } else {
    // Since Linux 4.20; before, IPv6 sockets get what others have joined.
    (void)setsockopt(handle, IPPROTO_IPV6, IPV6_MULTICAST_ALL, &all, sizeof all);
  }
}

std::optional<std::size_t> path_mtu_octets(const Endpoint& to) {
  const bool v4 = to.version() == IpVersion::v4;
  // Only a connected socket can be asked. Connecting sends nothing, but needs a port.
  const OwnedHandle asked(socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (asked.get() < 0) return std::nullopt;
  // Else the system refuses to connect to broadcast addresses.
  const int on = 1;
  (void)setsockopt(asked.get(), SOL_SOCKET, SO_BROADCAST, &on, sizeof on);
  sockaddr_storage address{};
  const socklen_t length = to_sockaddr(to.port() == 0 ? to.with_port(9) : to, address);
  if (connect(asked.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    return std::nullopt;
  }
  int octets = 0;
  socklen_t size = sizeof octets;
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  if (getsockopt(asked.get(), level, v4 ? IP_MTU : IPV6_MTU, &octets, &size) != 0) {
    return std::nullopt;
  }
  return static_cast<std::size_t>(octets);
}

}  // namespace netduel::os
