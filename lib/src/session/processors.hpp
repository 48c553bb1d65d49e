#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace netduel {

/// Where the two ends of a local trial run. When the sender wakes the receiver, schedulers like to
/// put it on the sender's processor, where it waits for a sender that never sleeps while another
/// processor idles: 64 % of a flood was lost so that lost 12 % on processors apart. Both transports
/// get the same places.
struct Processors {
  std::vector<unsigned> sender;
  std::vector<unsigned> receiver;
  /// For who carries the packets of an emulated path.
  std::optional<unsigned> path = {};

  /// There is only one for both. False also where the system can't tell.
  bool shared = false;

  bool apart() const { return !sender.empty(); }
};

/// The sender gets the last processor that this process may use (the first ones serve most
/// interrupts) and the receiver all others, without those on the sender's core if any remain; of
/// several senders at full speed each gets one, as far as half of all go. Both empty, which leaves
/// it to the scheduler, when there is only one or the system can't tell.
Processors processors_apart(std::size_t senders = 1);
/// The same with one for an emulated path: of its own where there are three, else the receiver's.
Processors processors_apart_with_path(std::size_t senders = 1);

/// Whether a thread of this process may be bound to that processor: tried on one of its own.
bool can_run_on(unsigned processor);

}  // namespace netduel
