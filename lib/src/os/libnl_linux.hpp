#pragma once

#include <memory>

#include <netlink/addr.h>
#include <netlink/route/route.h>
#include <netlink/socket.h>

#include "netduel/base/endpoint.hpp"

/// Owners of libnl's objects.
namespace netduel::os {

template <auto release>
struct Release {
  template <class T>
  void operator()(T* handle) const {
    release(handle);
  }
};

using NetlinkSocket = std::unique_ptr<nl_sock, Release<nl_socket_free>>;
using NetlinkAddress = std::unique_ptr<nl_addr, Release<nl_addr_put>>;
using NetlinkRoute = std::unique_ptr<rtnl_route, Release<rtnl_route_put>>;

/// Without a prefix length or port; null when there is no memory.
inline NetlinkAddress to_netlink(const Endpoint& endpoint) {
  const bool v4 = endpoint.version() == IpVersion::v4;
  return NetlinkAddress{
      nl_addr_build(v4 ? AF_INET : AF_INET6, endpoint.address_octets().data(), v4 ? 4 : 16)};
}

}  // namespace netduel::os
