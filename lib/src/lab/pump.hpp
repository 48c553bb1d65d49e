#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "lab/capture.hpp"
#include "lab/flow_table.hpp"
#include "lab/link.hpp"
#include "lab/queue_record.hpp"
#include "lab/truth.hpp"
#include "os/packet_ring.hpp"

namespace netduel {

/// Moves packets between the two sides of an emulated link, as its two directions say, and keeps
/// the books. `run_turn` belongs to one thread; the rest may be called from any.
class Pump {
 public:
  Pump(const LabSpec& spec, os::PacketRing side_of_a, os::PacketRing side_of_b,
       std::optional<Capture> capture);

  /// Takes what came, sends what is due, and waits for at most 20 ms when there is nothing to do.
  void run_turn();
  void restart_script();
  /// What happened until now, but for what the interfaces dropped.
  Truth truth();
  /// How long a packet that came to that direction's bottleneck now would wait there.
  std::chrono::nanoseconds queueing_time(Direction direction);
  /// False when something of the capture could not be written.
  bool close_capture();

 private:
  using Time = std::chrono::nanoseconds;

  /// What the link carries.
  struct Content {
    std::vector<std::byte> frame;
    PacketHeaders headers;
    Offload offload;
    os::VirtioHeader virtio;
  };
  struct Way {
    Way(const LabSpec& spec, Direction of);

    Direction direction;
    Link link;
    /// Nothing is ever done to a packet, so that it need not be copied.
    bool clean;
    bool singles;
    bool harms_neighbour_discovery;
    QueueRecord queue;
    Time last_entered{};
    std::uint64_t refused = 0;
    std::uint64_t left_late = 0;
    std::uint64_t left_very_late = 0;
    Time latest{};
  };

  Way& way(Direction direction) { return ways_[static_cast<std::size_t>(direction)]; }
  os::PacketRing& from(Direction direction) { return sides_[static_cast<std::size_t>(direction)]; }
  os::PacketRing& towards(Direction direction) {
    return sides_[1 - static_cast<std::size_t>(direction)];
  }

  bool take(Way& way, Time now);
  void take_one(Way& way, const os::PacketRing::Incoming& incoming, Time came);
  void enter(Way& way, std::size_t flow, std::shared_ptr<Content> content, std::uint32_t packets,
             std::size_t ip_octets, Time came);
  bool give(Way& way, Time now);
  void leave(Way& way, const Leaving& leaving, Time now);
  void flush(Way& way);
  void count_late_drops(Way& way);
  void record(Way& way, bool leaving, Time at, const Content& content, std::size_t flow,
              std::uint64_t number, std::string_view fate);
  DirectionTruth truth_of(Way& way);

  LabSpec spec_;
  std::array<os::PacketRing, 2> sides_;
  std::optional<Capture> capture_;
  std::mutex books_;
  FlowTable flows_;
  std::array<Way, 2> ways_;
  Time started_;
  /// Wall clock less monotonic, read once a turn.
  Time wall_offset_{};
  /// Of the turn: what the outgoing frames lie in.
  std::vector<std::shared_ptr<const Content>> leaving_;
  std::vector<os::PacketRing::Outgoing> outgoing_;
};

}  // namespace netduel
