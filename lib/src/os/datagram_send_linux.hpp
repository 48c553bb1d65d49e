#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include <sys/socket.h>
#include <sys/uio.h>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel::os {

/// The sending half of a Linux datagram socket: sendmmsg, with adjacent messages of one length
/// taken together as super-packets (UDP_SEGMENT) where kernel and path allow it. Belongs to one
/// thread, but for `count`.
class DatagramSender {
 public:
  DatagramSender(NativeHandle handle, const UdpOptions& options);

  SendResult send_to(std::span<const Bytes> batch, const Endpoint& to, Deadline deadline);
  void count(SocketCounters& counters) const;

 private:
  /// One entry of sendmmsg: some messages of the batch.
  struct Packet {
    std::uint32_t messages = 0;
    std::size_t octets = 0;
  };
  enum class Next { try_again, refused, out_of_time };
  struct alignas(cmsghdr) Control {
    std::array<std::byte, CMSG_SPACE(sizeof(std::uint16_t))> octets;
  };

  void aim(const Endpoint& to);
  bool cut_on_the_way(const Endpoint& to);
  std::size_t prepare(std::span<const Bytes> batch);
  Packet gather(std::span<const Bytes> batch, std::size_t& vectors);
  void count_accepted(const Packet& packet);
  Next after_error(int error, std::size_t message_octets, Deadline deadline, bool& failed_before);

  static constexpr std::size_t most_packets = 64;
  static constexpr std::size_t most_vectors = 1024;

  NativeHandle handle_;
  bool kernel_segments_;
  /// The only destination of a connected socket.
  std::optional<Endpoint> peer_;
  /// 128 since Linux 6.9, 64 before: lowered when the kernel says no.
  std::size_t most_segments_ = 128;

  // Of the destination that the last batch went to.
  std::optional<Endpoint> to_;
  sockaddr_storage to_storage_{};
  socklen_t to_length_ = 0;
  bool segment_ = false;
  std::size_t too_long_to_segment_ = SIZE_MAX;
  std::map<std::array<std::uint8_t, 16>, bool> cutting_paths_;

  std::vector<mmsghdr> headers_;
  std::vector<Packet> packets_;
  std::vector<iovec> vectors_;
  std::vector<Control> controls_;

  // Read by `count` while another thread sends.
  std::atomic<bool> segmenting_;
  std::atomic<std::uint32_t> smallest_messages_{0};
  std::atomic<std::uint32_t> largest_messages_{0};
  std::atomic<std::size_t> largest_octets_{0};
  std::atomic<std::uint64_t> icmp_errors_{0};
};

/// Empties a socket's error queue (IP_RECVERR, IPV6_RECVERR): how much there was, and how much of
/// it had come back by ICMP.
struct ErrorQueue {
  std::uint64_t entries = 0;
  std::uint64_t icmp_errors = 0;
};
ErrorQueue drain_error_queue(NativeHandle handle);

}  // namespace netduel::os
