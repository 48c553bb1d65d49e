#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "netduel/base/endpoint.hpp"
#include "os/owned_handle.hpp"

namespace netduel::os {

/// What this host, in the network of the calling thread, knows of its membership in a group; absent
/// is what it can't tell.
struct MulticastState {
  /// An interface on which it is a member, by the kernel's own list.
  struct Member {
    std::string interface;
    /// IGMP's version, as the routers heard so far ask for it: "V3". Of IPv4 alone.
    std::optional<std::string> version;
    /// Sockets that joined from any source, and those that joined from one (/proc/net/mcfilter), of
    /// all programs.
    std::optional<std::uint64_t> including_sources;
  };
  std::vector<Member> members;
  bool members_known = false;
  /// That it was asked to be joined on or, where the system chose, the first of `members`.
  std::string interface;
  std::optional<bool> up;
  std::optional<bool> has_carrier;
  std::optional<bool> takes_multicast;
  /// net.ipv4.conf.*.rp_filter (RFC 3704): 0 off, 1 strict, 2 loose; the larger of the two holds.
  std::optional<std::uint64_t> rp_filter_interface;
  std::optional<std::uint64_t> rp_filter_all;
  /// Of a bridge: whether it looks at reports before it forwards, and whether it asks for them.
  std::optional<bool> bridge_snoops;
  std::optional<bool> bridge_queries;
};
/// `interface` may be empty.
MulticastState multicast_state(const Endpoint& group, const std::string& interface);

/// Whether someone asks this host for its memberships, as switches that snoop need it (RFC 9776,
/// RFC 4541).
class QuerierWatch {
 public:
  /// Listens from now on.
  explicit QuerierWatch(IpVersion version);

  /// IPv4: since this was made. IPv6: since the host was started. nullopt where it can't be known:
  /// IPv4 needs root or CAP_NET_RAW.
  std::optional<bool> heard();

 private:
  IpVersion version_;
  OwnedHandle handle_{-1};
  bool heard_ = false;
};

}  // namespace netduel::os
