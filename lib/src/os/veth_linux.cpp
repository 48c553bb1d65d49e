#include "os/veth.hpp"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <thread>

#include <linux/ethtool.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netlink/errno.h>
#include <netlink/netlink.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/link/veth.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/nexthop.h>
#include <netlink/route/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "os/libnl_linux.hpp"

namespace netduel::os {
namespace {

using Link = std::unique_ptr<rtnl_link, Release<rtnl_link_put>>;
using LinkAddress = std::unique_ptr<rtnl_addr, Release<rtnl_addr_put>>;
using Neighbour = std::unique_ptr<rtnl_neigh, Release<rtnl_neigh_put>>;

/// libnl has error numbers of its own; the texts are the better part of them.
void check(int result, const std::string& attempt) {
  if (result >= 0) return;
  throw std::system_error(std::make_error_code(std::errc::io_error),
                          attempt + " (" + nl_geterror(result) + ")");
}

NetlinkSocket connect_netlink() {
  NetlinkSocket netlink{nl_socket_alloc()};
  if (!netlink) throw std::bad_alloc();
  check(nl_connect(netlink.get(), NETLINK_ROUTE), "talk to the kernel about interfaces");
  return netlink;
}

int index_of(const std::string& interface) {
  const unsigned index = if_nametoindex(interface.c_str());
  if (index == 0) {
    throw std::system_error(errno, std::generic_category(), "find the interface " + interface);
  }
  return static_cast<int>(index);
}

void add_address(nl_sock* netlink, int index, const InterfaceAddress& what) {
  const NetlinkAddress local = to_netlink(what.address);
  nl_addr_set_prefixlen(local.get(), static_cast<int>(what.prefix_bits));
  const LinkAddress address{rtnl_addr_alloc()};
  rtnl_addr_set_ifindex(address.get(), index);
  rtnl_addr_set_local(address.get(), local.get());
  if (what.address.version() == IpVersion::v6) rtnl_addr_set_flags(address.get(), IFA_F_NODAD);
  check(rtnl_addr_add(netlink, address.get(), 0),
        "give an interface the address " + what.address.address_to_string());
}

void add_multicast_route(nl_sock* netlink, int index) {
  nl_addr* parsed = nullptr;
  check(nl_addr_parse("224.0.0.0/4", AF_INET, &parsed), "route multicast");
  const NetlinkAddress group{parsed};
  const NetlinkRoute route{rtnl_route_alloc()};
  rtnl_route_set_family(route.get(), AF_INET);
  rtnl_route_set_dst(route.get(), group.get());
  rtnl_route_set_scope(route.get(), RT_SCOPE_LINK);
  rtnl_nexthop* const hop = rtnl_route_nh_alloc();
  rtnl_route_nh_set_ifindex(hop, index);
  rtnl_route_add_nexthop(route.get(), hop);
  const int added = rtnl_route_add(netlink, route.get(), 0);
  if (added != -NLE_EXIST) check(added, "route multicast");
}

void bring_up(nl_sock* netlink, int index) {
  const Link present{rtnl_link_alloc()};
  const Link wanted{rtnl_link_alloc()};
  rtnl_link_set_ifindex(present.get(), index);
  rtnl_link_set_flags(wanted.get(), IFF_UP);
  check(rtnl_link_change(netlink, present.get(), wanted.get(), 0), "bring an interface up");
}

/// Until something holds that the kernel does in the background; a second at most.
template <class Condition>
void wait_for(Condition holds) {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(1);
  while (!holds() && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

/// The kernel makes an IPv6 address its own in the background, and until then loses what comes for
/// it. Without a carrier it never does.
void await_local(nl_sock* netlink, const Endpoint& own) {
  const NetlinkAddress address = to_netlink(own);
  wait_for([&] {
    rtnl_route* found = nullptr;
    if (rtnl_route_lookup(netlink, address.get(), &found) < 0) return false;
    const NetlinkRoute route{found};
    return rtnl_route_get_type(route.get()) == RTN_LOCAL;
  });
}

/// Requests of the ethtool ioctl: a fixed head and `octets` of room behind it.
template <class Head>
class EthtoolRequest {
 public:
  EthtoolRequest(std::uint32_t command, std::size_t octets)
      : memory_((sizeof(Head) + octets + sizeof(std::uint64_t) - 1) / sizeof(std::uint64_t)) {
    head().cmd = command;
  }

  Head& head() { return *reinterpret_cast<Head*>(memory_.data()); }

  void ask(int socket, const std::string& interface) {
    ifreq request{};
    interface.copy(request.ifr_name, sizeof request.ifr_name - 1);
    request.ifr_data = reinterpret_cast<char*>(memory_.data());
    if (ioctl(socket, SIOCETHTOOL, &request) >= 0) return;
    throw std::system_error(errno, std::generic_category(),
                            "set the offload features of " + interface);
  }

 private:
  std::vector<std::uint64_t> memory_;
};

}  // namespace

void make_veth(const std::string& near, const std::string& far, const NetworkNamespace& far_network,
               const Mac& far_mac, std::size_t mtu_octets) {
  const NetlinkSocket netlink = connect_netlink();
  const Link link{rtnl_link_veth_alloc()};
  if (!link) throw std::bad_alloc();
  const Link peer{rtnl_link_veth_get_peer(link.get())};
  rtnl_link_set_name(link.get(), near.c_str());
  rtnl_link_set_mtu(link.get(), static_cast<unsigned>(mtu_octets));
  rtnl_link_set_name(peer.get(), far.c_str());
  rtnl_link_set_mtu(peer.get(), static_cast<unsigned>(mtu_octets));
  const NetlinkAddress hardware{nl_addr_build(AF_LLC, far_mac.data(), far_mac.size())};
  rtnl_link_set_addr(peer.get(), hardware.get());
  rtnl_link_set_ns_fd(peer.get(), far_network.handle());
  check(rtnl_link_add(netlink.get(), link.get(), NLM_F_CREATE | NLM_F_EXCL),
        "make a pair of virtual Ethernet interfaces (is the kernel's veth there?)");
}

void configure(const std::string& interface, const std::vector<InterfaceAddress>& addresses) {
  const NetlinkSocket netlink = connect_netlink();
  const int index = index_of(interface);
  for (const InterfaceAddress& address : addresses) add_address(netlink.get(), index, address);
  bring_up(netlink.get(), index);
  if (!addresses.empty()) add_multicast_route(netlink.get(), index);
  for (const InterfaceAddress& address : addresses) await_local(netlink.get(), address.address);
}

void await_carrier(const std::string& interface) {
  // IF_OPER_UP of <linux/if.h>, which can't stand beside <net/if.h>.
  constexpr int operationally_up = 6;
  const NetlinkSocket netlink = connect_netlink();
  const int index = index_of(interface);
  wait_for([&] {
    rtnl_link* found = nullptr;
    if (rtnl_link_get_kernel(netlink.get(), index, nullptr, &found) < 0) return false;
    const Link link{found};
    return rtnl_link_get_operstate(link.get()) == operationally_up;
  });
}

void add_neighbour(const std::string& interface, const Endpoint& neighbour, const Mac& mac) {
  const NetlinkSocket netlink = connect_netlink();
  const NetlinkAddress address = to_netlink(neighbour);
  const NetlinkAddress hardware{nl_addr_build(AF_LLC, mac.data(), mac.size())};
  const Neighbour entry{rtnl_neigh_alloc()};
  rtnl_neigh_set_ifindex(entry.get(), index_of(interface));
  rtnl_neigh_set_dst(entry.get(), address.get());
  rtnl_neigh_set_lladdr(entry.get(), hardware.get());
  rtnl_neigh_set_state(entry.get(), NUD_PERMANENT);
  check(rtnl_neigh_add(netlink.get(), entry.get(), NLM_F_CREATE | NLM_F_REPLACE),
        "tell an interface its neighbour " + neighbour.address_to_string());
}

void forgo_udp_segmentation(const std::string& interface) {
  const OwnedHandle socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  EthtoolRequest<ethtool_sset_info> sets(ETHTOOL_GSSET_INFO, sizeof(std::uint32_t));
  sets.head().sset_mask = 1ULL << ETH_SS_FEATURES;
  sets.ask(socket.get(), interface);
  const std::uint32_t count = sets.head().sset_mask != 0 ? sets.head().data[0] : 0;

  EthtoolRequest<ethtool_gstrings> names(ETHTOOL_GSTRINGS, std::size_t{count} * ETH_GSTRING_LEN);
  names.head().string_set = ETH_SS_FEATURES;
  names.head().len = count;
  names.ask(socket.get(), interface);

  constexpr std::uint32_t bits = 32;
  const std::size_t blocks = (count + bits - 1) / bits;
  EthtoolRequest<ethtool_sfeatures> change(ETHTOOL_SFEATURES,
                                           blocks * sizeof(ethtool_set_features_block));
  change.head().size = static_cast<std::uint32_t>(blocks);
  for (std::uint32_t n = 0; n < count; ++n) {
    const auto* const name =
        reinterpret_cast<const char*>(names.head().data) + std::size_t{n} * ETH_GSTRING_LEN;
    if (std::strncmp(name, "tx-udp-segmentation", ETH_GSTRING_LEN) != 0) continue;
    change.head().features[n / bits].valid = 1U << (n % bits);
    change.ask(socket.get(), interface);
  }
}

std::uint64_t interface_send_drops(const std::string& interface) {
  // Lines of "name: " and 8 figures received and 8 sent, drops being the fourth of each.
  std::ifstream file("/proc/thread-self/net/dev");
  std::string line;
  while (std::getline(file, line)) {
    std::istringstream words(line);
    std::string word;
    if (!(words >> word) || word != interface + ":") continue;
    constexpr int sent_drops = 12;
    std::uint64_t figure = 0;
    for (int n = 0; n < sent_drops; ++n) words >> figure;
    return words ? figure : 0;
  }
  return 0;
}

bool enable_ecn() {
  std::ofstream file("/proc/sys/net/ipv4/tcp_ecn");
  file << 1 << std::flush;
  return static_cast<bool>(file);
}

}  // namespace netduel::os
