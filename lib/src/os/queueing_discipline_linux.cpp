#include "os/queueing_discipline.hpp"

#include <array>
#include <memory>
#include <string_view>

#include <linux/pkt_sched.h>
#include <netlink/cache.h>
#include <netlink/netlink.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/qdisc.h>
#include <netlink/route/route.h>
#include <netlink/route/tc.h>

#include "os/libnl_linux.hpp"

namespace netduel::os {
namespace {

using Cache = std::unique_ptr<nl_cache, Release<nl_cache_free>>;

std::optional<int> outgoing_interface(nl_sock* netlink, const Endpoint& to) {
  if (to.scope_id() != 0) return static_cast<int>(to.scope_id());
  const NetlinkAddress address = to_netlink(to);
  rtnl_route* found = nullptr;
  if (!address || rtnl_route_lookup(netlink, address.get(), &found) < 0) return std::nullopt;
  const NetlinkRoute route{found};
  rtnl_nexthop* next_hop = rtnl_route_nexthop_n(route.get(), 0);
  if (next_hop == nullptr) return std::nullopt;
  return rtnl_route_nh_get_ifindex(next_hop);
}

}  // namespace

std::optional<std::string> queueing_discipline_towards(const Endpoint& to) {
  const NetlinkSocket netlink{nl_socket_alloc()};
  if (!netlink || nl_connect(netlink.get(), NETLINK_ROUTE) < 0) return std::nullopt;
  const auto interface = outgoing_interface(netlink.get(), to);
  nl_cache* dumped = nullptr;
  if (!interface || rtnl_qdisc_alloc_cache(netlink.get(), &dumped) < 0) return std::nullopt;
  const Cache cache{dumped};
  for (nl_object* object = nl_cache_get_first(cache.get()); object != nullptr;
       object = nl_cache_get_next(object)) {
    rtnl_tc* discipline = TC_CAST(reinterpret_cast<rtnl_qdisc*>(object));
    if (rtnl_tc_get_ifindex(discipline) == *interface &&
        rtnl_tc_get_parent(discipline) == TC_H_ROOT) {
      const char* kind = rtnl_tc_get_kind(discipline);
      return kind != nullptr ? std::optional<std::string>{kind} : std::nullopt;
    }
  }
  return std::nullopt;
}

bool keeps_super_packets_whole(const std::string& discipline) {
  // Read from net/sched of Linux 6.1 and 6.18: these queue a segmented packet as one. tbf, cake and
  // netem cut it; what is not in the list might.
  constexpr std::array<std::string_view, 9> whole = {
      "noqueue", "pfifo_fast", "pfifo", "bfifo", "mq", "fq", "fq_codel", "codel", "sfq"};
  for (const auto name : whole) {
    if (discipline == name) return true;
  }
  return false;
}

}  // namespace netduel::os
