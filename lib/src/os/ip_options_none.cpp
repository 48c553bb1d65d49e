#include "os/ip_options.hpp"
#include "os/socket.hpp"

namespace netduel::os {

void set_dont_fragment(NativeHandle, IpVersion, std::optional<bool> forbid) {
  if (!forbid) return;
  throw std::system_error(std::make_error_code(std::errc::operation_not_supported),
                          *forbid ? "forbid fragmentation" : "allow fragmentation");
}

void receive_joined_groups_only(NativeHandle, IpVersion) {}

std::optional<std::size_t> path_mtu_octets(const Endpoint&) {
  return std::nullopt;
}

}  // namespace netduel::os
