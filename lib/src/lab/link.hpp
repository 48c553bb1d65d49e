#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "lab/impairment.hpp"
#include "lab/lab_spec.hpp"

namespace netduel {

/// Where a packet belongs, so that its fate depends on nothing else: the ordinal of its flow among
/// those of its protocol (0, 1, ...), in the order of their first packets, and its number within
/// the flow and direction, counted from 1.
struct PacketName {
  std::uint64_t flow = 0;
  std::uint64_t number = 0;
  friend bool operator==(const PacketName&, const PacketName&) = default;
};

/// What is random about a packet, drawn from (seed, direction, flow, number) alone, with a draw of
/// its own for each purpose, so that switching one impairment on moves no other. Pure.
struct Fate {
  bool lost = false;
  bool duplicated = false;
  bool held_back = false;
  /// 64 random bits each for which bit to flip or which words to swap, when it is to happen.
  std::optional<std::uint64_t> flip;
  std::optional<std::uint64_t> swap;
  /// Added to the delay; may be negative.
  std::chrono::nanoseconds jitter{};
};

/// The state of a flow's Gilbert-Elliott channel in one direction.
struct Channel {
  bool bad = false;
};

/// Of the link of one port of a star, so that no two ports' packets share their fates.
std::uint64_t seed_of_port(std::uint64_t seed, std::size_t port);

Fate fate_of(const Impairment& impairment, std::uint64_t seed, Direction direction, PacketName name,
             Channel& channel);

enum class Dropped : std::uint8_t { loss, queue, down };

/// What a link is told of a packet. Time is that since any fixed moment, the same for all calls.
struct LinkPacket {
  PacketName name;
  /// Tells flows of all protocols apart: an index into the owner's flow table.
  std::size_t flow_index = 0;
  std::uint32_t ip_octets = 0;
  bool ecn_capable = false;
  /// Of wire packets that travel together as a super-packet; only where nothing needs single ones.
  std::uint32_t packets = 1;
  /// The owner's: what travels. Copies of a packet share it.
  std::shared_ptr<const void> content;
};

/// A packet, or a copy of one, that leaves the link.
struct Leaving {
  LinkPacket packet;
  std::chrono::nanoseconds entered{};
  std::chrono::nanoseconds due{};  ///< when it was to leave; the owner may be late
  bool copy = false;               ///< the second of a duplicated packet
  bool marked = false;             ///< set CE in its header
  std::optional<std::uint64_t> flip{};
  std::optional<std::uint64_t> swap{};
  /// RFC 4737, section 3.3, among first copies of its flow and direction, by number.
  bool reordered = false;
};

/// What entering decided, as far as it is known at once (a packet that is held back meets the
/// queue later).
struct Entered {
  Fate fate;
  std::optional<Dropped> dropped;
};

/// One direction of an emulated link. Deterministic: what it does depends on the packets, their
/// times and the seed. Reads no clock. Not thread-safe.
class Link {
 public:
  Link(const LabSpec& spec, Direction direction);
  ~Link();
  Link(Link&&) noexcept;

  /// The script's changes are counted from `now` on; the impairments begin again.
  void restart_script(std::chrono::nanoseconds now);

  /// A packet comes in. Times must not go back; what is due until `now` happens first.
  Entered enter(LinkPacket packet, std::chrono::nanoseconds now);
  /// Takes out what was to leave until `now`, in the order of leaving.
  std::vector<Leaving> advance(std::chrono::nanoseconds now);
  /// When something will happen of itself; absent while there is nothing.
  std::optional<std::chrono::nanoseconds> next_event() const;

  /// Packets dropped since the last call that entering had not told of: held back, then no room.
  struct LateDrop {
    LinkPacket packet;
    std::chrono::nanoseconds entered{};
    bool copy = false;
  };
  std::vector<LateDrop> take_late_drops();

  struct QueueState {
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;
  };
  /// Waiting before the bottleneck, the one that is being sent included.
  QueueState queue() const;
  /// How long a packet that came in now would wait before it is sent.
  std::chrono::nanoseconds queueing_time(std::chrono::nanoseconds now) const;
  /// In the link altogether: held back, waiting or under way; in wire packets.
  std::uint64_t inside() const;
  bool is_down() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace netduel
