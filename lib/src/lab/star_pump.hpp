#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "lab/snooping.hpp"
#include "lab/star_spec.hpp"
#include "lab/star_truth.hpp"
#include "lab/way.hpp"

namespace netduel {

/// Moves packets from each port of a star over its link to the switch, and from there over the link
/// of each port that they are for, and keeps the books. `run_turn` belongs to one thread; the rest
/// may be called from any.
class StarPump {
 public:
  /// A ring for each port of the spec.
  StarPump(const StarSpec& spec, std::vector<os::PacketRing> rings, std::optional<Capture> capture);
  ~StarPump();

  /// Takes what came, sends what is due, and waits for at most 20 ms when there is nothing to do.
  void run_turn();
  void restart_script();
  /// What happened until now, but for what the interfaces dropped.
  StarTruth truth();
  /// False when something of the capture could not be written.
  bool close_capture();

 private:
  struct Port;

  void pass_on(std::size_t from, Passing& frame, Way::Time at);
  void give_to(std::size_t port, Passing& frame, Way::Time at);
  void flush();

  StarSpec spec_;
  os::FrameWaiter waiter_;
  std::mutex mutex_;
  LabBooks books_;
  Snooping snooping_;
  /// Which port a host is at, by its Ethernet address.
  std::unordered_map<std::uint64_t, std::size_t> stations_;
  std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace netduel
