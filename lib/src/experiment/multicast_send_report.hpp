#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "experiment/warnings.hpp"
#include "measure/loss_map.hpp"
#include "netduel/base/report.hpp"
#include "netduel/measure/ledger.hpp"
#include "session/group_sender.hpp"

namespace netduel {

/// All that `netduel multicast send` has to tell.
struct MulticastSending {
  GroupSendSpec spec;
  /// Absent when nothing came of it.
  std::optional<GroupSending> sending = {};
  std::optional<std::string> error = {};
};

/// What a receiver is called: by its own name, or by where its reports come from.
std::string name_of(const ReceiverRecord& receiver);

/// "finished", "left", "vanished" or "reporting".
std::string state_of(const ReceiverRecord& receiver);

/// Numbers from here on were not the receiver's to have, as far as is known: the stream's end, or
/// how far it had come when it was last heard.
std::uint64_t end_of(const ReceiverRecord& receiver, std::uint64_t sent);

/// Of the messages from the first that counts for it, closed from its own figures.
Ledger ledger_of(const ReceiverRecord& receiver, const GroupSending& sending);

/// Which numbers a receiver lost, where that is known: by its loss detail, or because it lost
/// nothing.
std::optional<LossMap::Losses> losses_of(const ReceiverRecord& receiver, std::uint64_t sent);

/// Of all receivers, in their order; those of whom nothing is known have no messages in it.
LossMap loss_map_of(const GroupSending& sending, std::size_t columns);

std::vector<Warning> warnings(const MulticastSending& all);

/// Rows of the document netduel/multicast/1 with the role "send".
Report describe(const MulticastSending& all);

// Parts of it, for documents of other roles.

void describe(const ReceiverRecord& receiver, const GroupSending& sending, Report& report);
void describe(const LossMap& map, const std::vector<ReceiverRecord>& receivers, Report& report);
void describe(const FeedbackCounts& feedback, Report& report);

}  // namespace netduel
