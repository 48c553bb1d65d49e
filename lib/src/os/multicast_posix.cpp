#include "os/multicast.hpp"

#include <cerrno>
#include <cstdint>
#include <string>
#include <system_error>

#include <netinet/in.h>
#include <sys/socket.h>

#include "os/ip_options.hpp"
#include "os/socket.hpp"

namespace netduel::os {
namespace {

std::string in_words(const char* verb, const MulticastMembership& membership) {
  std::string words = verb + (" group " + membership.group.address_to_string());
  if (membership.source) words += " from " + membership.source->address_to_string();
  if (!membership.interface.empty()) words += " on " + membership.interface;
  return words;
}

struct Change {
  int any_source;
  int one_source;
  const char* verb;
};

[[noreturn]] void refuse(const std::string& attempt, const char* why) {
  throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt + why);
}

void change_membership(NativeHandle handle, IpVersion version, const Change& change,
                       const MulticastMembership& membership) {
  const std::string attempt = in_words(change.verb, membership);
  const Endpoint& group = membership.group;
  if (!group.is_multicast()) {
    refuse(attempt, ": no multicast address (224.0.0.0/4 and ff00::/8 are)");
  }
  if (group.version() != version) refuse(attempt, ": the socket is of the other version of IP");
  if (membership.source && membership.source->version() != version) {
    refuse(attempt, ": group and source must be of one version of IP");
  }
  if (membership.source &&
      (membership.source->is_multicast() || membership.source->is_unspecified())) {
    refuse(attempt, ": a source is one host's address");
  }
  const std::uint32_t interface = interface_of(membership);
  if (group.scope_id() != 0 && interface != group.scope_id()) {
    refuse(attempt, ": the group's zone is another interface");
  }
  const int level = version == IpVersion::v4 ? IPPROTO_IP : IPPROTO_IPV6;
  if (membership.source) {
    group_source_req request{};
    request.gsr_interface = interface;
    to_sockaddr(group, request.gsr_group);
    to_sockaddr(*membership.source, request.gsr_source);
    set_option(handle, level, change.one_source, request, attempt);
  } else {
    group_req request{};
    request.gr_interface = interface;
    to_sockaddr(group, request.gr_group);
    set_option(handle, level, change.any_source, request, attempt);
  }
}

}  // namespace

std::uint32_t interface_of(const MulticastMembership& membership) {
  const std::uint32_t index =
      interface_number(membership.interface, in_words("choose the interface of", membership));
  return index != 0 ? index : membership.group.scope_id();
}

void join(NativeHandle handle, IpVersion version, const MulticastMembership& membership) {
  change_membership(handle, version, {MCAST_JOIN_GROUP, MCAST_JOIN_SOURCE_GROUP, "join"},
                    membership);
}

void leave(NativeHandle handle, IpVersion version, const MulticastMembership& membership) {
  change_membership(handle, version, {MCAST_LEAVE_GROUP, MCAST_LEAVE_SOURCE_GROUP, "leave"},
                    membership);
}

// The options of IPv4 hold an octet, those of IPv6 an int.
void set_multicast_sending(NativeHandle handle, IpVersion version, const UdpOptions& options) {
  const bool v4 = version == IpVersion::v4;
  if (!options.multicast_interface.empty()) {
    const std::string attempt = "send multicast through " + options.multicast_interface;
    const std::uint32_t interface = interface_number(options.multicast_interface, attempt);
    if (v4) {
      ip_mreqn request{};
      request.imr_ifindex = static_cast<int>(interface);
      set_option(handle, IPPROTO_IP, IP_MULTICAST_IF, request, attempt);
    } else {
      set_option(handle, IPPROTO_IPV6, IPV6_MULTICAST_IF, static_cast<int>(interface), attempt);
    }
  }
  if (options.multicast_hop_limit) {
    const std::uint8_t hops = *options.multicast_hop_limit;
    const std::string attempt = "use a multicast hop limit of " + std::to_string(hops);
    if (v4) {
      set_option(handle, IPPROTO_IP, IP_MULTICAST_TTL, hops, attempt);
    } else {
      set_option(handle, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, int{hops}, attempt);
    }
  }
  if (options.multicast_loopback) {
    const std::uint8_t loop = *options.multicast_loopback ? 1 : 0;
    const std::string attempt = "choose whether this host hears its own multicast";
    if (v4) {
      set_option(handle, IPPROTO_IP, IP_MULTICAST_LOOP, loop, attempt);
    } else {
      set_option(handle, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, int{loop}, attempt);
    }
  }
}

}  // namespace netduel::os
