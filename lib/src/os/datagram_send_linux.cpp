#include "os/datagram_send_linux.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include <netinet/in.h>
#include <netinet/udp.h>
// After netinet: both define parts of the same structures and agree on it in this order.
#include <linux/errqueue.h>

#include "os/datagram_io.hpp"
#include "os/queueing_discipline.hpp"
#include "os/socket.hpp"
#include "os/wait.hpp"

namespace netduel::os {
namespace {

/// All that UDP over IPv4 takes. Though a receive buffer of 212 992 octets holds few of them,
/// smaller ones deliver less over loopback: messages of 1460 octets four fifths in 32 KiB and half
/// in 16 KiB, messages of 64 octets 70 % in 4 KiB of what they do in 8 KiB (128 segments).
constexpr std::size_t most_super_packet_octets = 65507;
/// Segments that any kernel with UDP_SEGMENT takes.
constexpr std::size_t least_of_most_segments = 64;
/// Destinations whose path is remembered; a sender to more of them asks again.
constexpr std::size_t most_paths = 1024;

bool kernel_has_segmentation(NativeHandle handle) {
  int size = 0;
  socklen_t length = sizeof size;
  return getsockopt(handle, SOL_UDP, UDP_SEGMENT, &size, &length) == 0;
}

/// icmp_err_convert and icmpv6_err_convert of Linux, and fragmentation needed.
bool icmp_can_raise(int error) {
  constexpr std::array raised = {ECONNREFUSED, EHOSTUNREACH, ENETUNREACH, EHOSTDOWN,  ENONET,
                                 ENOPROTOOPT,  EPROTO,       EMSGSIZE,    EOPNOTSUPP, EACCES};
  return std::ranges::find(raised, error) != raised.end();
}

}  // namespace

DatagramSender::DatagramSender(NativeHandle handle, const UdpOptions& options)
    : handle_(handle),
      kernel_segments_(options.offload && options.checksum && kernel_has_segmentation(handle)),
      peer_(options.peer),
      headers_(most_packets),
      packets_(most_packets),
      vectors_(most_vectors),
      controls_(most_packets),
      segmenting_(kernel_segments_) {}

SendResult DatagramSender::send_to(std::span<const Bytes> batch, const Endpoint& to,
                                   Deadline deadline) {
  if (peer_ && *peer_ != to) return refuse_other_than_peer(batch);
  if (to_ != to) aim(to);
  SendResult result;
  bool failed_before = false;
  while (result.accepted < batch.size()) {
    const auto rest = batch.subspan(result.accepted);
    const auto count = static_cast<unsigned>(prepare(rest));
    const int sent = sendmmsg(handle_, headers_.data(), count, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(sent); ++i) {
        count_accepted(packets_[i]);
        result.accepted += packets_[i].messages;
      }
      failed_before = false;
      continue;
    }
    const int error = errno;
    const Next next = after_error(error, rest.front().size(), deadline, failed_before);
    if (next == Next::out_of_time) break;
    if (next == Next::refused) {
      result.refused_messages = packets_.front().messages;
      result.refused = std::error_code(error, std::generic_category());
      break;
    }
  }
  return result;
}

void DatagramSender::count(SocketCounters& counters) const {
  counters.segmentation_offload = segmenting_;
  counters.smallest_super_packet_messages = smallest_messages_;
  counters.largest_super_packet_messages = largest_messages_;
  counters.largest_super_packet_octets = largest_octets_;
  counters.icmp_errors = counters.icmp_errors.value_or(0) + icmp_errors_;
}

void DatagramSender::aim(const Endpoint& to) {
  to_ = to;
  to_length_ = to_sockaddr(to, to_storage_);
  segment_ = kernel_segments_ && !cut_on_the_way(to);
  segmenting_ = segment_;
  too_long_to_segment_ = SIZE_MAX;
}

/// A queueing discipline of this host that cuts super-packets drops some of their segments without
/// a word to the sender, and the ledger could not count those as refused.
bool DatagramSender::cut_on_the_way(const Endpoint& to) {
  const auto known = cutting_paths_.find(to.address_octets());
  if (known != cutting_paths_.end()) return known->second;
  const auto discipline = queueing_discipline_towards(to);
  const bool cut = discipline && !keeps_super_packets_whole(*discipline);
  if (cutting_paths_.size() >= most_paths) cutting_paths_.clear();
  cutting_paths_.emplace(to.address_octets(), cut);
  return cut;
}

/// Fills the headers with as much of the batch as one system call takes; returns how many packets.
std::size_t DatagramSender::prepare(std::span<const Bytes> batch) {
  std::size_t packets = 0;
  std::size_t vectors = 0;
  while (packets < most_packets && !batch.empty() && vectors < most_vectors) {
    const std::size_t first_vector = vectors;
    const Packet packet = gather(batch, vectors);
    packets_[packets] = packet;
    msghdr& header = headers_[packets].msg_hdr;
    header = {};
    // A connected socket needs none, and the kernel then looks up no path for each packet.
    if (!peer_) {
      header.msg_name = &to_storage_;
      header.msg_namelen = to_length_;
    }
    header.msg_iov = &vectors_[first_vector];
    header.msg_iovlen = vectors - first_vector;
    if (packet.messages > 1) {
      header.msg_control = controls_[packets].octets.data();
      header.msg_controllen = controls_[packets].octets.size();
      cmsghdr* const control = CMSG_FIRSTHDR(&header);
      control->cmsg_level = SOL_UDP;
      control->cmsg_type = UDP_SEGMENT;
      control->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
      const auto segment_octets = static_cast<std::uint16_t>(batch.front().size());
      std::memcpy(CMSG_DATA(control), &segment_octets, sizeof segment_octets);
    }
    ++packets;
    batch = batch.subspan(packet.messages);
  }
  return packets;
}

/// The next messages that may travel together: of one length, the last may be shorter. Octets that
/// lie one behind the other need one vector only.
DatagramSender::Packet DatagramSender::gather(std::span<const Bytes> batch, std::size_t& vectors) {
  const std::size_t length = batch.front().size();
  const bool together = segment_ && length > 0 && length < too_long_to_segment_;
  const std::size_t most = std::min(together ? most_segments_ : 1, batch.size());
  const std::size_t first_vector = vectors;
  Packet packet;
  while (packet.messages < most) {
    const Bytes message = batch[packet.messages];
    const bool fits =
        packet.messages == 0 || (!message.empty() && message.size() <= length &&
                                 packet.octets + message.size() <= most_super_packet_octets);
    if (!fits) break;
    auto* const start = const_cast<std::byte*>(message.data());
    iovec* const last = vectors > first_vector ? &vectors_[vectors - 1] : nullptr;
    if (last != nullptr && static_cast<std::byte*>(last->iov_base) + last->iov_len == start) {
      last->iov_len += message.size();
    } else if (vectors < most_vectors) {
      vectors_[vectors++] = {start, message.size()};
    } else {
      break;
    }
    packet.octets += message.size();
    ++packet.messages;
    if (message.size() < length) break;
  }
  return packet;
}

void DatagramSender::count_accepted(const Packet& packet) {
  const std::uint32_t smallest = smallest_messages_.load(std::memory_order_relaxed);
  if (smallest == 0 || packet.messages < smallest) smallest_messages_ = packet.messages;
  if (packet.messages > largest_messages_.load(std::memory_order_relaxed)) {
    largest_messages_ = packet.messages;
  }
  if (packet.octets > largest_octets_.load(std::memory_order_relaxed)) {
    largest_octets_ = packet.octets;
  }
}

DatagramSender::Next DatagramSender::after_error(int error, std::size_t message_octets,
                                                 Deadline deadline, bool& failed_before) {
  if (error == EINTR) return Next::try_again;
  if (error == EAGAIN || error == EWOULDBLOCK) {
    return wait_writable(handle_, deadline) ? Next::try_again : Next::out_of_time;
  }
  const bool was_super_packet = packets_.front().messages > 1;
  if (was_super_packet && error == EINVAL && most_segments_ > least_of_most_segments) {
    most_segments_ = least_of_most_segments;
    return Next::try_again;
  }
  if (was_super_packet && (error == EMSGSIZE || error == EINVAL)) {
    too_long_to_segment_ = message_octets;
    return Next::try_again;
  }
  if (was_super_packet && (error == EIO || error == EOPNOTSUPP)) {
    // The interface can't fill in checksums, which segmentation needs.
    segment_ = false;
    segmenting_ = false;
    return Next::try_again;
  }
  if (!icmp_can_raise(error)) return Next::refused;
  // With IP_RECVERR an ICMP error for an earlier datagram fails the next call, whatever that sends,
  // and the receiving half may have emptied the queue that would tell. What fails twice has a
  // reason of its own, unless that is one which only ICMP gives.
  const ErrorQueue queue = drain_error_queue(handle_);
  icmp_errors_ += queue.icmp_errors;
  const bool of_an_earlier_one = queue.icmp_errors > 0 || error == ECONNREFUSED || !failed_before;
  failed_before = true;
  return of_an_earlier_one ? Next::try_again : Next::refused;
}

ErrorQueue drain_error_queue(NativeHandle handle) {
  ErrorQueue queue;
  for (;;) {
    alignas(cmsghdr) std::array<std::byte, 512> control;
    msghdr header{};
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    if (recvmsg(handle, &header, MSG_ERRQUEUE | MSG_DONTWAIT) < 0) return queue;
    ++queue.entries;
    for (cmsghdr* entry = CMSG_FIRSTHDR(&header); entry != nullptr;
         entry = CMSG_NXTHDR(&header, entry)) {
      const bool of_ipv4 = entry->cmsg_level == SOL_IP && entry->cmsg_type == IP_RECVERR;
      const bool of_ipv6 = entry->cmsg_level == SOL_IPV6 && entry->cmsg_type == IPV6_RECVERR;
      if (!of_ipv4 && !of_ipv6) continue;
      sock_extended_err error{};
      std::memcpy(&error, CMSG_DATA(entry), sizeof error);
      if (error.ee_origin == SO_EE_ORIGIN_ICMP || error.ee_origin == SO_EE_ORIGIN_ICMP6) {
        ++queue.icmp_errors;
      }
    }
  }
}

}  // namespace netduel::os
