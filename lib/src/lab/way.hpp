#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/capture.hpp"
#include "lab/flow_table.hpp"
#include "lab/link.hpp"
#include "lab/queue_record.hpp"
#include "lab/truth.hpp"
#include "os/packet_ring.hpp"

namespace netduel {

/// A frame that was taken out of a ring, as it will go into another.
struct Content {
  std::vector<std::byte> frame;
  PacketHeaders headers;
  Offload offload;
  os::VirtioHeader virtio;
};

/// A frame, perhaps a super-packet, that comes to a link or leaves one.
struct Passing {
  os::VirtioHeader virtio;
  /// In a ring, or in `content`.
  Bytes frame;
  const PacketHeaders& headers;
  const Offload& offload;
  /// A copy that outlives the ring's slot, made once for all links that keep the frame.
  std::shared_ptr<const Content> content{};

  const std::shared_ptr<const Content>& keep();
};

/// What the ways of a lab have in common. All times are monotonic, since any fixed moment.
struct LabBooks {
  explicit LabBooks(std::optional<Capture> to);

  std::optional<Capture> capture;
  std::chrono::nanoseconds started;
  /// Wall clock less monotonic, read once a turn.
  std::chrono::nanoseconds wall_offset;

  void read_clocks();
};

std::chrono::nanoseconds monotonic_now();

/// One direction of an emulated link with its books. Not thread-safe.
class Way {
 public:
  using Time = std::chrono::nanoseconds;

  /// Where a way leads to.
  class Exit {
   public:
    virtual void take(Passing& frame, Time at) = 0;

   protected:
    ~Exit() = default;
  };
  /// How a capture shows it: numbers of interfaces, where one shows what comes to or leaves it.
  struct Shown {
    std::string name;
    std::optional<std::uint32_t> coming;
    std::optional<std::uint32_t> leaving;
    /// Where what it dropped is shown if what comes is not.
    std::uint32_t dropped = 0;
  };

  /// `flows`, `books` and `exit` must outlive it. Where it `spares_membership` IGMP and MLD pass
  /// unharmed, as ARP and neighbour discovery do.
  Way(const LabSpec& spec, Direction direction, FlowTable& flows, LabBooks& books, Exit& exit,
      Shown shown, bool spares_membership = false);

  /// A frame comes in; what would be before another is taken to have come with it.
  void enter(Passing& frame, Time at);
  /// Lets go what is due; whether there was something.
  bool give(Time now);
  /// Nothing is ever done to a packet, so that none need be copied or waited for.
  bool is_clean() const { return clean_; }
  std::optional<Time> next_event() const { return link_.next_event(); }
  void restart_script(Time now);
  /// How long a packet that came to the bottleneck now would wait there.
  Time queueing_time(Time now) const { return link_.queueing_time(now); }
  /// But for what its ends missed.
  DirectionTruth truth() const;

 private:
  void enter_single(std::size_t flow, const std::shared_ptr<const Content>& content,
                    std::uint32_t packets, std::size_t ip_octets, Time came);
  void leave(const Leaving& leaving, Time now);
  void count_late_drops();
  void show(std::optional<std::uint32_t> interface, Time at, const Content& content,
            std::size_t flow, std::uint64_t number, std::string_view fate);

  Direction direction_;
  FlowTable& flows_;
  LabBooks& books_;
  Exit& exit_;
  Shown shown_;
  Link link_;
  bool clean_;
  bool singles_;
  bool harms_neighbour_discovery_;
  bool spares_membership_;
  QueueRecord queue_;
  Time last_entered_{};
  std::uint64_t left_late_ = 0;
  std::uint64_t left_very_late_ = 0;
  Time latest_{};
};

/// Sends what leaves a way into a ring.
class RingExit final : public Way::Exit {
 public:
  explicit RingExit(os::PacketRing& ring) : ring_(&ring) {}

  void take(Passing& frame, Way::Time at) override;
  /// Sends what it has taken; before the slots that frames came from are released.
  void flush();
  /// Frames that the kernel didn't take.
  std::uint64_t refused() const { return refused_; }

 private:
  os::PacketRing* ring_;
  std::vector<os::PacketRing::Outgoing> outgoing_;
  /// What the outgoing frames lie in.
  std::vector<std::shared_ptr<const Content>> kept_;
  std::uint64_t refused_ = 0;
};

/// Lets some of what has come to a ring enter a way; whether there was something. The ring is then
/// to be released, when all exits have been flushed.
bool take_from(os::PacketRing& ring, Way& way, const LabBooks& books, Way::Time now);

}  // namespace netduel
