#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "lab/star_truth.hpp"
#include "session/group_receivers.hpp"
#include "session/group_sender.hpp"

namespace netduel {

struct DemoSpec {
  /// Hosts beside a, h1 to hN.
  std::size_t receivers = 8;
  std::uint64_t seed = 0;

  static constexpr std::size_t fewest = 2;
  static constexpr std::size_t most = 32;
};

/// What links did to one stream on its way, as the lab tells.
struct DemoLink {
  std::uint64_t packets_in = 0;
  std::uint64_t dropped = 0;
  std::uint64_t forwarded = 0;
};

struct DemoSender {
  std::string name;
  /// "h3", or the group.
  std::string to;
  GroupSending sending;
  /// Its own link, before the switch; absent over loopback.
  std::optional<DemoLink> link;
};

/// What one host got of one sender's stream.
struct DemoDelivery {
  std::size_t sender = 0;  ///< in the pattern's list
  /// Absent when nothing at all of it was heard.
  std::optional<Ledger> ledger;
  /// The receiver's own link, behind the switch; absent over loopback.
  std::optional<DemoLink> link;

  std::uint64_t delivered() const { return ledger ? ledger->delivered : 0; }
  /// How many its link let through that the receiver never read: what its socket dropped. Below 0
  /// where it counts more than came. Absent where no link tells.
  std::optional<std::int64_t> unread() const;
  /// Whether the receiver's own count is what its link let through, but for as many as it says that
  /// its socket may have dropped after that; absent where no link tells.
  std::optional<bool> agrees() const;
};

struct DemoReceiver {
  std::string name;
  /// Of each sender but itself.
  std::vector<DemoDelivery> deliveries;
  std::optional<std::string> failure;
};

/// One of the four ways in which UDP connects hosts.
struct DemoPattern {
  /// "one-to-one", "one-to-many", "many-to-one" or "many-to-many".
  std::string name;
  std::vector<DemoSender> senders;
  std::vector<DemoReceiver> receivers;

  /// What TCP would need: one for each sender and receiver.
  std::size_t connections() const;
};

struct MulticastDemo {
  DemoSpec spec;
  bool in_lab = false;
  /// Why it went over loopback.
  std::optional<std::string> no_lab;
  /// As far as they came.
  std::vector<DemoPattern> patterns;
  /// What the lab bears in mind of itself.
  std::vector<TruthNote> doubts;
  bool interrupted = false;
  std::optional<std::string> error;
};

/// The demo's star: each host's link loses a share of its own, 1 to 8 % of what comes down and 0.5
/// to 2 % of what goes up, drawn from the seed; a's loses 1.5 % of what it sends.
StarSpec demo_star(const DemoSpec& spec);

/// Runs the four patterns in turn, in a star of hosts where this process may make one, else over
/// loopback. `begins` is told each pattern's name. Failures and interruptions are in the result,
/// with what had been seen until then.
MulticastDemo multicast_demo(const DemoSpec& spec, std::stop_token stop,
                             const std::function<void(std::string_view)>& begins);

}  // namespace netduel
