#pragma once

#include <array>
#include <chrono>
#include <mutex>
#include <optional>

#include "lab/way.hpp"

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
  /// A direction: what comes from one side's ring, and leaves through the other's.
  struct End {
    End(const LabSpec& spec, Direction direction, FlowTable& flows, LabBooks& books,
        os::PacketRing& from, os::PacketRing& to);
    End(const End&) = delete;
    End& operator=(const End&) = delete;

    os::PacketRing& ring;
    RingExit exit;
    Way way;
  };

  End& end(Direction direction) { return ends_[static_cast<std::size_t>(direction)]; }
  static DirectionTruth truth_of(End& end);

  LabSpec spec_;
  std::array<os::PacketRing, 2> sides_;
  os::FrameWaiter waiter_;
  std::mutex mutex_;
  LabBooks books_;
  FlowTable flows_;
  std::array<End, 2> ends_;
};

}  // namespace netduel
