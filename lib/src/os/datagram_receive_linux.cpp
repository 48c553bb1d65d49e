#include "os/datagram_receive_linux.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>

#include <netinet/in.h>
#include <netinet/udp.h>
// After netinet: both define parts of the same structures and agree on it in this order.
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>
#include <linux/sock_diag.h>

#include "os/datagram_send_linux.hpp"
#include "os/socket.hpp"
#include "os/wait.hpp"

namespace netduel::os {
namespace {

constexpr std::size_t slots = 32;
/// The largest datagram or super-packet, and five cache lines more: buffers exactly 64 KiB apart
/// would all fall into the same sets of the processor's cache.
constexpr std::size_t slot_octets = 65536;
constexpr std::size_t slot_stride = slot_octets + 320;
constexpr std::size_t most_messages_in_a_super_packet = 128;

void enable(NativeHandle handle, int level, int option, int value) {
  // Each of these refines a measurement; a kernel without one leaves the figure absent.
  (void)setsockopt(handle, level, option, &value, sizeof value);
}

int int_in(const cmsghdr& entry) {
  int value = 0;
  std::memcpy(&value, CMSG_DATA(&entry), sizeof value);
  return value;
}

void take_traffic_class(unsigned octet, PacketInfo& packet) {
  packet.dscp = static_cast<std::uint8_t>(octet >> 2U);
  packet.ecn = static_cast<Ecn>(octet & 3U);
}

/// One control message of ip(7) or ipv6(7).
void read_packet_info(const cmsghdr& entry, std::uint16_t port, PacketInfo& packet) {
  if (entry.cmsg_level == SOL_IP && entry.cmsg_type == IP_PKTINFO) {
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(&entry), sizeof info);
    std::array<std::uint8_t, 4> octets{};
    std::memcpy(octets.data(), &info.ipi_addr, octets.size());
    packet.destination = Endpoint::v4(octets, port);
    packet.interface_index = static_cast<std::uint32_t>(info.ipi_ifindex);
  } else if (entry.cmsg_level == SOL_IPV6 && entry.cmsg_type == IPV6_PKTINFO) {
    in6_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(&entry), sizeof info);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &info.ipi6_addr, octets.size());
    // Addresses of an interface or a link mean nothing without it (RFC 4007, section 6).
    const bool needs_zone = (octets[0] == 0xfe && (octets[1] & 0xc0U) == 0x80) ||
                            (octets[0] == 0xff && (octets[1] & 0x0fU) <= 2);
    packet.destination = Endpoint::v6(octets, port, needs_zone ? info.ipi6_ifindex : 0);
    packet.interface_index = info.ipi6_ifindex;
  } else if ((entry.cmsg_level == SOL_IP && entry.cmsg_type == IP_TTL) ||
             (entry.cmsg_level == SOL_IPV6 && entry.cmsg_type == IPV6_HOPLIMIT)) {
    packet.hop_limit = static_cast<std::uint8_t>(int_in(entry));
  } else if (entry.cmsg_level == SOL_IP && entry.cmsg_type == IP_TOS) {
    take_traffic_class(static_cast<unsigned char>(*CMSG_DATA(&entry)), packet);
  } else if (entry.cmsg_level == SOL_IPV6 && entry.cmsg_type == IPV6_TCLASS) {
    take_traffic_class(static_cast<unsigned>(int_in(entry)), packet);
  }
}

}  // namespace

DatagramReceiver::DatagramReceiver(NativeHandle handle, IpVersion version,
                                   const UdpOptions& options)
    : handle_(handle), offload_(false), packet_info_(options.packet_info) {
  enable(handle, SOL_SOCKET, SO_TIMESTAMPING,
         SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE);
  enable(handle, SOL_SOCKET, SO_RXQ_OVFL, 1);
  if (packet_info_) {
    const bool v4 = version == IpVersion::v4;
    const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    enable(handle, level, v4 ? IP_PKTINFO : IPV6_RECVPKTINFO, 1);
    enable(handle, level, v4 ? IP_RECVTTL : IPV6_RECVHOPLIMIT, 1);
    enable(handle, level, v4 ? IP_RECVTOS : IPV6_RECVTCLASS, 1);
  }
  if (options.offload) {
    const int on = 1;
    offload_ = setsockopt(handle, SOL_UDP, UDP_GRO, &on, sizeof on) == 0;
  }
}

/// At the first receive: a socket that only sends needs none of it.
void DatagramReceiver::allocate() {
  buffers_ = std::make_unique_for_overwrite<std::byte[]>(slots * slot_stride);
  headers_.resize(slots);
  vectors_.resize(slots);
  sources_.resize(slots);
  controls_.resize(slots);
  received_.reserve(slots * (offload_ ? most_messages_in_a_super_packet : 1));
  for (std::size_t i = 0; i < slots; ++i) {
    vectors_[i] = {&buffers_[i * slot_stride], slot_octets};
  }
  if (packet_info_) {
    packets_.resize(slots);
    port_ = local_endpoint(handle_).port();
  }
}

ReceiveResult DatagramReceiver::receive(Deadline deadline) {
  if (!buffers_) allocate();
  received_.clear();
  bool waited = false;
  for (;;) {
    const int count = read_all();
    if (count > 0) {
      const WallTime read_at = wall_now();
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        split(i, read_at);
      }
      return {.messages = received_, .end = End::open, .error = {}};
    }
    const int error = errno;
    if (error == EINTR) continue;
    if (error == EAGAIN || error == EWOULDBLOCK) {
      // An entry in the error queue ends a wait without there being anything to read.
      if (waited) icmp_errors_ += drain_error_queue(handle_).icmp_errors;
      if (!wait_readable(handle_, deadline)) {
        return {.messages = {}, .end = End::timed_out, .error = {}};
      }
      waited = true;
      continue;
    }
    const ErrorQueue queue = drain_error_queue(handle_);
    icmp_errors_ += queue.icmp_errors;
    const bool of_an_earlier_send = queue.entries > 0 || error == ECONNREFUSED ||
                                    error == EHOSTUNREACH || error == ENETUNREACH ||
                                    error == EMSGSIZE || error == EPROTO;
    if (!of_an_earlier_send) {
      return {.messages = {}, .end = End::failed, .error = {error, std::generic_category()}};
    }
  }
}

void DatagramReceiver::count(SocketCounters& counters) const {
  counters.receive_offload = offload_;
  counters.icmp_errors = counters.icmp_errors.value_or(0) + icmp_errors_;
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t length = sizeof memory;
  if (getsockopt(handle_, SOL_SOCKET, SO_MEMINFO, memory.data(), &length) == 0 &&
      length > SK_MEMINFO_DROPS * sizeof(std::uint32_t)) {
    counters.receive_queue_drops = memory[SK_MEMINFO_DROPS];
  }
}

int DatagramReceiver::read_all() {
  for (std::size_t i = 0; i < slots; ++i) {
    msghdr& header = headers_[i].msg_hdr;
    header.msg_name = &sources_[i];
    header.msg_namelen = sizeof(sockaddr_storage);
    header.msg_iov = &vectors_[i];
    header.msg_iovlen = 1;
    header.msg_control = controls_[i].octets.data();
    header.msg_controllen = controls_[i].octets.size();
    header.msg_flags = 0;
  }
  return recvmmsg(handle_, headers_.data(), slots, MSG_DONTWAIT, nullptr);
}

void DatagramReceiver::split(std::size_t slot, WallTime read_at) {
  const mmsghdr& header = headers_[slot];
  msghdr message = header.msg_hdr;
  PacketInfo* const packet = packet_info_ ? &packets_[slot] : nullptr;
  const Control control = read_control(message, packet);
  const auto* const octets = static_cast<const std::byte*>(message.msg_iov->iov_base);
  const std::size_t total = header.msg_len;
  const std::size_t step = control.segment_octets != 0 ? control.segment_octets : total;

  Received one;
  one.source = from_sockaddr(*static_cast<const sockaddr_storage*>(message.msg_name));
  one.arrived = control.stamped_by == StampedBy::kernel ? control.arrived : read_at;
  one.read_at = read_at;
  one.queue_drops = control.queue_drops;
  one.stamped_by = control.stamped_by;
  one.truncated = (message.msg_flags & MSG_TRUNC) != 0;
  one.packet = packet;
  std::size_t at = 0;
  do {
    one.payload = Bytes(octets + at, std::min(step, total - at));
    received_.push_back(one);
    at += step;
  } while (at < total);
}

DatagramReceiver::Control DatagramReceiver::read_control(msghdr& header, PacketInfo* packet) {
  Control control;
  if (packet != nullptr) *packet = {};
  for (cmsghdr* entry = CMSG_FIRSTHDR(&header); entry != nullptr;
       entry = CMSG_NXTHDR(&header, entry)) {
    if (entry->cmsg_level == SOL_SOCKET && entry->cmsg_type == SCM_TIMESTAMPING) {
      timespec software{};
      std::memcpy(&software, CMSG_DATA(entry), sizeof software);
      control.stamped_by = StampedBy::kernel;
      control.arrived = WallTime(std::chrono::seconds(software.tv_sec) +
                                 std::chrono::nanoseconds(software.tv_nsec));
    } else if (entry->cmsg_level == SOL_SOCKET && entry->cmsg_type == SO_RXQ_OVFL) {
      std::memcpy(&last_queue_drops_, CMSG_DATA(entry), sizeof last_queue_drops_);
    } else if (entry->cmsg_level == SOL_UDP && entry->cmsg_type == UDP_GRO) {
      int segment_octets = 0;
      std::memcpy(&segment_octets, CMSG_DATA(entry), sizeof segment_octets);
      control.segment_octets = static_cast<std::size_t>(segment_octets);
    } else if (packet != nullptr) {
      read_packet_info(*entry, port_, *packet);
    }
  }
  // The kernel leaves the counter out while it is 0, and tells it from the first drop on.
  control.queue_drops = last_queue_drops_;
  return control;
}

}  // namespace netduel::os
