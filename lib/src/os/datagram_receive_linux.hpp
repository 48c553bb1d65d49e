#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include <sys/socket.h>
#include <sys/uio.h>

#include "netduel/base/message.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel::os {

/// The receiving half of a Linux datagram socket: recvmmsg with kernel stamps, the drop counter of
/// each datagram, and super-packets (UDP_GRO) split into their messages. Belongs to one thread, but
/// for `count`.
class DatagramReceiver {
 public:
  DatagramReceiver(NativeHandle handle, IpVersion version, const UdpOptions& options);

  ReceiveResult receive(Deadline deadline);
  void count(SocketCounters& counters) const;

 private:
  struct Control {
    StampedBy stamped_by = StampedBy::application;
    WallTime arrived;
    std::uint32_t queue_drops = 0;
    std::size_t segment_octets = 0;
  };
  struct alignas(cmsghdr) ControlBuffer {
    std::array<std::byte, 256> octets;
  };

  void allocate();
  int read_all();
  void split(std::size_t slot, WallTime read_at);
  Control read_control(msghdr& header, PacketInfo* packet);

  NativeHandle handle_;
  bool offload_;
  bool packet_info_;
  std::unique_ptr<std::byte[]> buffers_;
  std::vector<mmsghdr> headers_;
  std::vector<iovec> vectors_;
  std::vector<sockaddr_storage> sources_;
  std::vector<ControlBuffer> controls_;
  std::vector<Received> received_;
  /// Of each slot; empty unless asked for.
  std::vector<PacketInfo> packets_;
  std::uint16_t port_ = 0;
  std::uint32_t last_queue_drops_ = 0;
  std::atomic<std::uint64_t> icmp_errors_{0};
};

}  // namespace netduel::os
