#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <unordered_map>
#include <utility>
#include <vector>

#include "lab/link.hpp"
#include "lab/truth.hpp"
#include "wire/packet.hpp"

namespace netduel {

/// Tells late first arrivals of a TCP stream from segments that were sent again: what fills a hole
/// that nothing had filled before came out of order.
class TcpOrder {
 public:
  /// True when the segment came later than one behind it. What takes no sequence numbers never is.
  bool observe(std::uint32_t sequence, std::uint32_t length);

 private:
  static constexpr std::size_t most_holes = 1024;
  std::deque<std::pair<std::uint32_t, std::uint32_t>> holes_;
  std::uint32_t next_ = 0;
  bool started_ = false;
};

/// One flow: packets of one protocol between two endpoints, both ways.
struct Flow {
  Protocol protocol = Protocol::other;
  std::uint64_t ordinal = 0;  ///< among those of its protocol, by their first packets
  Endpoint of_a;
  Endpoint of_b;
  struct Way {
    std::uint64_t packets = 0;
    LinkCounts counts;
    TcpOrder order;
  };
  std::array<Way, 2> ways;

  Way& way(Direction direction) { return ways[static_cast<std::size_t>(direction)]; }
  const Way& way(Direction direction) const { return ways[static_cast<std::size_t>(direction)]; }
};

/// All flows that a lab has seen. Not thread-safe.
class FlowTable {
 public:
  /// The index of the packet's flow, which is new with its first packet. Fragments without ports
  /// belong to the flow of the first one with their identification.
  std::size_t find(const PacketHeaders& headers, Direction direction);

  Flow& operator[](std::size_t index) { return flows_[index]; }
  const std::deque<Flow>& all() const { return flows_; }

 private:
  struct Key {
    Protocol protocol;
    Endpoint of_a;
    Endpoint of_b;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const;
  };
  struct Fragments {
    Key key;  ///< with ports 0
    std::uint32_t id = 0;
    std::size_t flow = 0;
  };
  static constexpr std::size_t fragments_kept = 64;

  std::size_t find(const Key& key);

  std::unordered_map<Key, std::size_t, Hash> known_;
  std::deque<Flow> flows_;
  std::array<std::uint64_t, 6> ordinals_{};
  std::array<Fragments, fragments_kept> fragments_{};
  std::size_t next_fragments_ = 0;
};

/// "udp", "tcp", "icmp", "icmpv6", "arp", "other".
std::string_view name_of(Protocol protocol);

}  // namespace netduel
