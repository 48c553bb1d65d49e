#include <array>
#include <limits>

#include <net/if.h>
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

void set_interface(NativeHandle handle, const std::string& interface) {
  const std::string attempt = "keep a socket to interface " + interface;
  const std::uint32_t index = interface_number(interface, attempt);
  if (index == 0) return;
  // Only root may bind a socket again, even to the same: a connection has it from its listener.
  int bound = 0;
  socklen_t length = sizeof bound;
  if (getsockopt(handle, SOL_SOCKET, SO_BINDTOIFINDEX, &bound, &length) == 0 &&
      static_cast<std::uint32_t>(bound) == index) {
    return;
  }
  std::array<char, IF_NAMESIZE> name{};
  if (if_indextoname(index, name.data()) == nullptr) throw_last_error(attempt);
  if (setsockopt(handle, SOL_SOCKET, SO_BINDTODEVICE, name.data(), sizeof name) == 0) return;
  const std::error_code error = last_error();
  const bool forbidden = error == std::errc::operation_not_permitted;
  throw std::system_error(error, attempt + (forbidden ? " (root or CAP_NET_RAW is needed)" : ""));
}

void set_max_pacing(NativeHandle handle, std::optional<std::uint64_t> bits_per_second) {
  if (!bits_per_second) return;
  const std::string attempt =
      "let the kernel pace at " + std::to_string(*bits_per_second) + " bit/s (at least 8)";
  const std::uint64_t octets_per_second = *bits_per_second / 8;
  // The kernel takes an unsigned long, all ones for no limit, and a 0 that lets nothing pass.
  if (octets_per_second == 0 || octets_per_second >= std::numeric_limits<unsigned long>::max()) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt);
  }
  const auto rate = static_cast<unsigned long>(octets_per_second);
  set_option(handle, SOL_SOCKET, SO_MAX_PACING_RATE, rate, attempt);
}

void set_udp_checksum(NativeHandle handle, IpVersion version, bool wanted) {
  if (wanted) return;
  const std::string attempt = "leave out UDP's checksum";
  // The system takes the option for IPv6 too, and no receiver what it then sends.
  if (version == IpVersion::v6) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument),
                            attempt + " (IPv6 requires it, RFC 8200; IPv4 works)");
  }
  const int on = 1;
  set_option(handle, SOL_SOCKET, SO_NO_CHECK, on, attempt);
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
