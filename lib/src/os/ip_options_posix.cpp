#include "os/ip_options.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include "os/multicast.hpp"
#include "os/socket.hpp"

namespace netduel::os {
namespace {

constexpr unsigned largest_dscp = 63;
constexpr unsigned largest_ecn = 3;

bool is_v4(IpVersion version) {
  return version == IpVersion::v4;
}

}  // namespace

void set_option_octets(NativeHandle handle, int level, int option, const void* value,
                       std::size_t octets, const std::string& attempt) {
  if (setsockopt(handle, level, option, value, static_cast<socklen_t>(octets)) != 0) {
    throw_last_error(attempt);
  }
}

void set_hop_limit(NativeHandle handle, IpVersion version, std::optional<std::uint8_t> hops) {
  if (!hops) return;
  const std::string attempt = "use a hop limit of " + std::to_string(*hops) + " (1 to 255)";
  // IPv6 takes a 0 that never gets anywhere.
  if (*hops == 0)
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt);
  const int value = *hops;
  if (is_v4(version)) {
    set_option(handle, IPPROTO_IP, IP_TTL, value, attempt);
  } else {
    set_option(handle, IPPROTO_IPV6, IPV6_UNICAST_HOPS, value, attempt);
  }
}

void set_traffic_class(NativeHandle handle, IpVersion version, std::optional<std::uint8_t> dscp,
                       std::optional<Ecn> ecn) {
  if (!dscp && !ecn) return;
  const unsigned code_point = dscp.value_or(0);
  const unsigned ecn_bits = ecn ? static_cast<unsigned>(*ecn) : 0U;
  const std::string attempt = "use DSCP " + std::to_string(code_point) + " (0 to 63) and ECN " +
                              std::to_string(ecn_bits) + " (0 to 3)";
  if (code_point > largest_dscp || ecn_bits > largest_ecn) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt);
  }
  const int octet = static_cast<int>(code_point << 2U | ecn_bits);
  if (is_v4(version)) {
    set_option(handle, IPPROTO_IP, IP_TOS, octet, attempt);
  } else {
    set_option(handle, IPPROTO_IPV6, IPV6_TCLASS, octet, attempt);
  }
}

void set_udp_options(NativeHandle handle, IpVersion version, const UdpOptions& options) {
  const int on = 1;
  if (options.reuse_address) {
    set_option(handle, SOL_SOCKET, SO_REUSEADDR, on, "share a port with other sockets");
  }
  if (options.broadcast) {
    set_option(handle, SOL_SOCKET, SO_BROADCAST, on, "allow sending to broadcast addresses");
  }
  set_hop_limit(handle, version, options.hop_limit);
  set_traffic_class(handle, version, options.dscp, options.ecn);
  set_dont_fragment(handle, version, options.dont_fragment);
  set_udp_checksum(handle, version, options.checksum);
  set_interface(handle, options.interface);
  set_max_pacing(handle, options.max_pacing_bits_per_second);
  set_multicast_sending(handle, version, options);
  receive_joined_groups_only(handle, version);
}

}  // namespace netduel::os
