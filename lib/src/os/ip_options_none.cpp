#include "os/ip_options.hpp"
#include "os/socket.hpp"

namespace netduel::os {

void set_dont_fragment(NativeHandle, IpVersion, std::optional<bool> forbid) {
  if (!forbid) return;
  throw std::system_error(std::make_error_code(std::errc::operation_not_supported),
                          *forbid ? "forbid fragmentation" : "allow fragmentation");
}

void set_interface(NativeHandle, const std::string& interface) {
  if (interface.empty()) return;
  throw std::system_error(std::make_error_code(std::errc::operation_not_supported),
                          "keep a socket to interface " + interface +
                              " (only netduel's files for Linux can; bind to an address instead)");
}

void set_max_pacing(NativeHandle, std::optional<std::uint64_t> bits_per_second) {
  if (!bits_per_second) return;
  throw std::system_error(std::make_error_code(std::errc::operation_not_supported),
                          "let the kernel pace at " + std::to_string(*bits_per_second) +
                              " bit/s (only netduel's files for Linux can)");
}

void set_udp_checksum(NativeHandle, IpVersion, bool wanted) {
  if (wanted) return;
  throw std::system_error(std::make_error_code(std::errc::operation_not_supported),
                          "leave out UDP's checksum (only netduel's files for Linux can)");
}

void receive_joined_groups_only(NativeHandle, IpVersion) {}

std::optional<std::size_t> path_mtu_octets(const Endpoint&) {
  return std::nullopt;
}

}  // namespace netduel::os
