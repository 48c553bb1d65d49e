#include <array>
#include <cstddef>
#include <cstring>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "os/answer.hpp"
#include "os/socket.hpp"

namespace netduel::os {
namespace {

struct alignas(cmsghdr) Control {
  std::array<std::byte, CMSG_SPACE(sizeof(in6_pktinfo))> octets{};
};

template <class Info>
void put(msghdr& header, int level, int type, const Info& info) {
  header.msg_controllen = CMSG_SPACE(sizeof info);
  cmsghdr* const entry = CMSG_FIRSTHDR(&header);
  entry->cmsg_level = level;
  entry->cmsg_type = type;
  entry->cmsg_len = CMSG_LEN(sizeof info);
  std::memcpy(CMSG_DATA(entry), &info, sizeof info);
}

/// ip(7), and RFC 3542, section 6.2.
void put_source(msghdr& header, const Endpoint& from) {
  const auto& octets = from.address_octets();
  if (from.version() == IpVersion::v4) {
    in_pktinfo info{};
    std::memcpy(&info.ipi_spec_dst, octets.data(), sizeof info.ipi_spec_dst);
    put(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    std::memcpy(&info.ipi6_addr, octets.data(), sizeof info.ipi6_addr);
    info.ipi6_ifindex = from.scope_id();
    put(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

}  // namespace

void send_from(NativeHandle handle, Bytes message, const Endpoint& from, const Endpoint& to) {
  sockaddr_storage address{};
  iovec vector{const_cast<std::byte*>(message.data()), message.size()};
  Control control;
  msghdr header{};
  header.msg_namelen = to_sockaddr(to, address);
  header.msg_name = &address;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.octets.data();
  header.msg_controllen = control.octets.size();
  put_source(header, from);
  (void)sendmsg(handle, &header, MSG_DONTWAIT);
}

}  // namespace netduel::os
