#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <vector>

#include "lab/star.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/measure/ledger.hpp"
#include "session/ends.hpp"
#include "session/place.hpp"
#include "session/plan.hpp"
#include "session/processors.hpp"

namespace netduel {

/// Where the ends of a trial with several receivers run: in a star, or all in this host's network.
struct DeliveryPlaces {
  /// Null for loopback.
  StarLab* star = nullptr;
  Processors processors;

  Place sender() const;
  /// The n-th receiver is on host n, from 1.
  Place receiver(std::size_t number) const;
  Endpoint sender_address(IpVersion version) const;
  Endpoint receiver_address(std::size_t number, IpVersion version) const;
};

/// What the ends of a trial say, whichever way they sent.
struct DeliveryOutcome {
  /// The sockets that messages came from.
  std::vector<Endpoint> sources;
  /// One, or that of each connection.
  std::vector<SenderReport> senders;
  /// Of the thread that sent.
  std::chrono::nanoseconds sender_cpu{};
  /// That the sender's stack took; 0 for connections.
  std::uint64_t datagrams = 0;
  struct Receiver {
    ReceiverReport report;
    Ledger ledger;
  };
  /// In the order of their hosts; none for those that heard nothing.
  std::vector<std::optional<Receiver>> receivers;
  bool interrupted = false;
};

/// So many messages, at the plan's times, for so many receivers. They end with the plan's time when
/// they have not left by then.
struct DeliveryTask {
  Plan plan;
  std::uint64_t messages = 0;
  std::size_t receivers = 0;
};

/// To a group that the receivers have joined, or to each one's address; announced and closed, and
/// without reports. Throws std::system_error.
DeliveryOutcome send_datagrams(const DeliveryTask& task, bool to_group,
                               const DeliveryPlaces& places, std::stop_token stop);

/// The same over a connection to each receiver. One thread sends over all of them, as one does that
/// sends datagrams to all. Throws std::system_error when no connection comes about.
DeliveryOutcome send_streams(const DeliveryTask& task, const DeliveryPlaces& places,
                             std::stop_token stop);

}  // namespace netduel
