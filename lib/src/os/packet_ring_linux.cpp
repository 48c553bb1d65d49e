#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/utsname.h>

#include "os/owned_handle.hpp"
#include "os/packet_ring.hpp"

namespace netduel::os {
namespace {

static_assert(sizeof(VirtioHeader) == 10, "it is laid over struct virtio_net_hdr");

/// The largest super-packet (65 535 octets of IPv6 payload behind its headers) and the ring's own
/// header, in whole pages as mmap wants blocks.
constexpr std::size_t slot_octets = 68 * 1024;
/// At 50 000 packets a second a ring of 1024 lasts through a stall of 20 ms, and one of 32 at 1600.
constexpr std::size_t fewest_slots = 32;
constexpr std::size_t frames_in_a_call = 64;
constexpr int patience_milliseconds = 20;

[[noreturn]] void refuse(const std::string& attempt) {
  throw std::system_error(errno, std::generic_category(), attempt);
}

template <class T>
bool set(int handle, int option, const T& value) {
  return setsockopt(handle, SOL_PACKET, option, &value, sizeof value) == 0;
}

class Mapping {
 public:
  Mapping(int handle, std::size_t octets) : octets_(octets) {
    address_ = mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_SHARED, handle, 0);
    if (address_ == MAP_FAILED) refuse("map a packet ring");
  }
  ~Mapping() { munmap(address_, octets_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  std::byte* at(std::size_t offset) const { return static_cast<std::byte*>(address_) + offset; }

 private:
  void* address_ = nullptr;
  std::size_t octets_;
};

std::size_t make_ring(int handle, std::size_t slots) {
  for (slots = std::max(slots, fewest_slots); slots >= fewest_slots; slots /= 2) {
    tpacket_req ring{};
    ring.tp_block_size = slot_octets;
    ring.tp_frame_size = slot_octets;
    ring.tp_block_nr = static_cast<unsigned>(slots);
    ring.tp_frame_nr = static_cast<unsigned>(slots);
    if (set(handle, PACKET_RX_RING, ring)) return slots;
    if (errno != ENOMEM) break;
  }
  refuse("make a packet ring");
}

OwnedHandle open_socket(const std::string& interface) {
  // Protocol 0 until all is set up: nothing comes in before.
  OwnedHandle socket{::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)};
  if (socket.get() < 0) refuse("open a packet socket");
  const int version = TPACKET_V2;
  const int on = 1;
  if (!set(socket.get(), PACKET_VERSION, version) || !set(socket.get(), PACKET_VNET_HDR, on)) {
    refuse("set up a packet socket on " + interface);
  }
  // Since Linux 4.20; without it our own frames are sorted out by their type.
  (void)set(socket.get(), PACKET_IGNORE_OUTGOING, on);
  return socket;
}

void bind_to(int handle, const std::string& interface) {
  sockaddr_ll address{};
  address.sll_family = AF_PACKET;
  address.sll_protocol = htons(ETH_P_ALL);
  address.sll_ifindex = static_cast<int>(if_nametoindex(interface.c_str()));
  if (address.sll_ifindex == 0 ||
      bind(handle, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    refuse("bind a packet socket to " + interface);
  }
}

}  // namespace

struct PacketRing::State {
  State(const std::string& interface, std::size_t at_most)
      : socket(open_socket(interface)),
        slots(make_ring(socket.get(), at_most)),
        memory(socket.get(), slots * slot_octets) {
    bind_to(socket.get(), interface);
  }

  tpacket2_hdr& header(std::size_t slot) const {
    return *reinterpret_cast<tpacket2_hdr*>(memory.at(slot * slot_octets));
  }

  OwnedHandle socket;
  std::size_t slots;
  Mapping memory;
  std::size_t head = 0;
  std::size_t handed_out = 0;
  std::uint64_t missed = 0;
  std::array<mmsghdr, frames_in_a_call> headers{};
  std::array<std::array<iovec, 2>, frames_in_a_call> vectors{};
};

PacketRing PacketRing::open(const std::string& interface, std::size_t slots) {
  return PacketRing(std::make_unique<State>(interface, slots));
}

PacketRing::PacketRing(std::unique_ptr<State> state) : state_(std::move(state)) {}
PacketRing::PacketRing(PacketRing&&) noexcept = default;
PacketRing& PacketRing::operator=(PacketRing&&) noexcept = default;
PacketRing::~PacketRing() = default;

std::optional<PacketRing::Incoming> PacketRing::next() {
  for (;;) {
    if (state_->handed_out == state_->slots) return std::nullopt;
    tpacket2_hdr& header = state_->header(state_->head);
    const std::atomic_ref<std::uint32_t> status(header.tp_status);
    if ((status.load(std::memory_order_acquire) & TP_STATUS_USER) == 0) return std::nullopt;
    std::byte* const slot = reinterpret_cast<std::byte*>(&header);
    state_->head = (state_->head + 1) % state_->slots;
    ++state_->handed_out;
    sockaddr_ll from{};
    std::memcpy(&from, slot + TPACKET_ALIGN(sizeof(tpacket2_hdr)), sizeof from);
    if (from.sll_pkttype == PACKET_OUTGOING) continue;
    if (header.tp_snaplen < header.tp_len) {
      ++state_->missed;
      continue;
    }
    Incoming incoming;
    std::memcpy(&incoming.offload, slot + header.tp_mac - sizeof(VirtioHeader),
                sizeof(VirtioHeader));
    incoming.frame = {slot + header.tp_mac, header.tp_snaplen};
    incoming.came =
        WallTime(std::chrono::seconds(header.tp_sec) + std::chrono::nanoseconds(header.tp_nsec));
    return incoming;
  }
}

void PacketRing::release() {
  State& state = *state_;
  std::size_t slot = (state.head + state.slots - state.handed_out) % state.slots;
  for (; state.handed_out > 0; --state.handed_out) {
    const std::atomic_ref<std::uint32_t> status(state.header(slot).tp_status);
    status.store(TP_STATUS_KERNEL, std::memory_order_release);
    slot = (slot + 1) % state.slots;
  }
}

std::size_t PacketRing::send(std::span<const Outgoing> frames) {
  std::size_t refused = 0;
  while (!frames.empty()) {
    const std::size_t count = std::min(frames.size(), frames_in_a_call);
    for (std::size_t i = 0; i < count; ++i) {
      auto& vectors = state_->vectors[i];
      vectors[0] = {const_cast<VirtioHeader*>(&frames[i].offload), sizeof(VirtioHeader)};
      vectors[1] = {const_cast<std::byte*>(frames[i].frame.data()), frames[i].frame.size()};
      state_->headers[i] = {};
      state_->headers[i].msg_hdr.msg_iov = vectors.data();
      state_->headers[i].msg_hdr.msg_iovlen = vectors.size();
    }
    const int sent = sendmmsg(state_->socket.get(), state_->headers.data(),
                              static_cast<unsigned>(count), MSG_DONTWAIT);
    if (sent > 0) {
      frames = frames.subspan(static_cast<std::size_t>(sent));
      continue;
    }
    if (errno == EINTR) continue;
    pollfd room{.fd = state_->socket.get(), .events = POLLOUT, .revents = 0};
    const bool full = errno == EAGAIN || errno == EWOULDBLOCK;
    if (full && poll(&room, 1, patience_milliseconds) > 0) continue;
    ++refused;
    frames = frames.subspan(1);
  }
  return refused;
}

std::uint64_t PacketRing::missed() {
  tpacket_stats since_the_last_call{};
  socklen_t length = sizeof since_the_last_call;
  if (getsockopt(state_->socket.get(), SOL_PACKET, PACKET_STATISTICS, &since_the_last_call,
                 &length) == 0) {
    state_->missed += since_the_last_call.tp_drops;
  }
  return state_->missed;
}

NativeHandle PacketRing::handle() const {
  return state_->socket.get();
}

bool packet_rings_take_udp_super_packets() {
  utsname system{};
  int major = 0;
  int minor = 0;
  constexpr std::pair first = {6, 2};
  return uname(&system) == 0 && std::sscanf(system.release, "%d.%d", &major, &minor) == 2 &&
         std::pair(major, minor) >= first;
}

FrameWaiter::FrameWaiter() : handle_(epoll_create1(EPOLL_CLOEXEC)) {
  if (handle_.get() < 0) refuse("make an epoll instance for packet rings");
}

void FrameWaiter::add(const PacketRing& ring) {
  epoll_event event{};
  event.events = EPOLLIN;
  if (epoll_ctl(handle_.get(), EPOLL_CTL_ADD, ring.handle(), &event) != 0) {
    refuse("wait for a packet ring");
  }
}

void FrameWaiter::wait(std::chrono::nanoseconds time) const {
  constexpr std::chrono::nanoseconds longest = std::chrono::milliseconds(20);
  time = std::clamp(time, std::chrono::nanoseconds(0), longest);
  // epoll_pwait2, which counts nanoseconds, is younger than some systems.
  pollfd any{.fd = handle_.get(), .events = POLLIN, .revents = 0};
  const timespec limit{.tv_sec = 0, .tv_nsec = static_cast<long>(time.count())};
  (void)ppoll(&any, 1, &limit, nullptr);
}

}  // namespace netduel::os
