#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/delivery_ends.hpp"
#include "lab/star.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/measure/ledger.hpp"
#include "session/plan.hpp"
#include "session/processors.hpp"

namespace netduel {

/// How the same stream is brought to several receivers.
enum class DeliveryMethod : std::uint8_t {
  multicast,  ///< one datagram to a group
  unicast,    ///< a datagram to each, one after the other
  tcp         ///< a connection to each
};
/// "multicast", "unicast" or "tcp".
std::string_view name_of(DeliveryMethod method);

/// Packets of a trial's messages and of what answers them, on one way of a link.
struct TrialTraffic {
  std::uint64_t packets = 0;
  std::uint64_t ip_octets = 0;

  /// As Ethernet frames with all that is around them (IEEE 802.3).
  std::uint64_t wire_octets() const;
};

/// The link between the sender's host and the switch.
struct SenderLink {
  TrialTraffic out;
  TrialTraffic in;
};

/// What one trial came to.
struct DeliveryTrial {
  DeliveryMethod method = DeliveryMethod::multicast;
  std::size_t receivers = 0;
  // Messages times receivers:

  /// That were to be delivered.
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;
  /// Of those offered, what the transport had not taken when the trial ended.
  std::uint64_t left_at_the_end = 0;
  /// Turns of the schedule that this machine was too busy for: as many messages left later instead.
  std::uint64_t skipped = 0;
  /// By the receivers' sockets, as many as it was at least.
  std::uint64_t lost_in_host = 0;
  /// Absent over loopback, where nobody sees a trial's packets.
  std::optional<SenderLink> link = {};
  /// Of the thread that sends, to all receivers.
  std::chrono::nanoseconds sender_cpu{};
  /// From the first message's send until the last receiver had read the last message that came to
  /// it. Absent when nothing came.
  std::optional<std::chrono::nanoseconds> last_has_it = {};
  /// From due to read, of the receiver with the largest p99.
  std::optional<std::chrono::nanoseconds> slowest_p50 = {};
  std::optional<std::chrono::nanoseconds> slowest_p99 = {};
  /// Absent for datagrams, and where the system can't tell.
  std::optional<std::uint64_t> retransmitted_segments = {};
  /// What the ends counted, held against what the links did.
  std::vector<Check> checks = {};
  /// What the emulation itself dropped meanwhile, what it let leave more than 5 ms late, and all
  /// that passed through it.
  std::uint64_t missed_by_the_lab = 0;
  std::uint64_t left_very_late = 0;
  std::uint64_t packets = 0;
  bool interrupted = false;

  std::optional<double> delivered_ratio() const;
};

/// Whether this machine was too busy for the emulation, for a receiver or for the schedule, so that
/// the figures are not those of the method alone.
bool was_disturbed(const DeliveryTrial& trial);

/// What is sent, whichever way.
struct DeliveryStream {
  IpVersion ip_version = IpVersion::v4;
  double bits_per_second = 0;
  std::size_t message_octets = 0;
  /// How long it takes.
  std::chrono::nanoseconds time{};

  std::uint64_t messages() const;
};

/// Runs one trial after the other, each with receivers of its own: in a star, where the n-th is on
/// host n, or all over loopback.
class DeliveryTrials {
 public:
  /// `star`, null for loopback, is started and outlives this.
  DeliveryTrials(const DeliveryStream& stream, StarLab* star, const Processors& processors);

  /// `receivers` is less than the star's hosts. Throws std::system_error when sockets can't be
  /// opened or no connection comes about.
  DeliveryTrial run(DeliveryMethod method, std::size_t receivers, std::uint64_t seed,
                    std::stop_token stop);

 private:
  Plan plan_of(DeliveryMethod method, std::uint64_t seed) const;
  StarTruth settled_truth() const;
  void hold_against(const StarTruth& after, const DeliveryOutcome& outcome,
                    DeliveryTrial& trial) const;

  DeliveryStream stream_;
  DeliveryPlaces places_;
  std::optional<StarTruth> before_;
};

}  // namespace netduel
