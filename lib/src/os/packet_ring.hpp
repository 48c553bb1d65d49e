#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "netduel/base/message.hpp"
#include "netduel/base/socket_options.hpp"
#include "os/owned_handle.hpp"

namespace netduel::os {

/// struct virtio_net_hdr (linux/virtio_net.h): what is to be known of a frame whose checksum or
/// segmentation was left to the network card.
struct VirtioHeader {
  std::uint8_t flags = 0;
  std::uint8_t segments = 0;
  std::uint16_t header_octets = 0;
  std::uint16_t segment_octets = 0;
  std::uint16_t checksum_from = 0;
  std::uint16_t checksum_offset = 0;

  static constexpr std::uint8_t needs_checksum = 1;
  static constexpr std::uint8_t tcp_v4 = 1;
  static constexpr std::uint8_t tcp_v6 = 4;
  static constexpr std::uint8_t udp = 5;
  static constexpr std::uint8_t ecn = 0x80;
};

/// A packet socket on one Ethernet interface: receives what comes in there through a ring that is
/// shared with the kernel, which the limits of socket buffers don't concern, and sends frames out.
/// Super-packets stay whole both ways. Belongs to one thread, which need not be in the
/// interface's network namespace.
class PacketRing {
 public:
  /// So many frames find room, each of any size.
  static constexpr std::size_t most_slots = 1024;

  /// In the calling thread's network namespace. Rings of many interfaces may have less room each: a
  /// slot takes 68 KiB of memory. Throws std::system_error that names the attempt.
  static PacketRing open(const std::string& interface, std::size_t slots = most_slots);
  PacketRing(PacketRing&&) noexcept;
  PacketRing& operator=(PacketRing&&) noexcept;
  ~PacketRing();

  struct Incoming {
    VirtioHeader offload;
    std::span<std::byte> frame;  ///< in the ring, until `release`
    WallTime came;
  };
  /// The next frame, if there is one. Never blocks.
  std::optional<Incoming> next();
  /// Gives the slots of all frames handed out back to the kernel.
  void release();

  struct Outgoing {
    VirtioHeader offload;
    Bytes frame;
  };
  /// Sends all, waiting up to 20 ms where the kernel has no room; how many it did not take.
  std::size_t send(std::span<const Outgoing> frames);

  /// Frames that found the ring full, or were too large for it, since this was opened.
  std::uint64_t missed();
  NativeHandle handle() const;

 private:
  struct State;
  explicit PacketRing(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Whether UDP super-packets pass packet sockets: since Linux 6.2. Before, the kernel loses them.
bool packet_rings_take_udp_super_packets();

/// Waits for frames of some rings, as many as there are.
class FrameWaiter {
 public:
  /// Throws std::system_error that names the attempt.
  FrameWaiter();
  /// A ring that outlives the waits.
  void add(const PacketRing& ring);
  /// Until one has a frame, or a time has passed; at most 20 ms.
  void wait(std::chrono::nanoseconds time) const;

 private:
  OwnedHandle handle_;
};

}  // namespace netduel::os
