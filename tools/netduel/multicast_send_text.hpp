#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/multicast_send_report.hpp"

namespace netduel::tool {

/// What was seen, for people: plain words first, then a line a receiver and the loss map.
std::string as_text(const MulticastSending& all);

/// While it goes on, for a terminal of so many columns.
std::vector<std::string> live_lines(const GroupProgress& progress, const GroupSendSpec& spec,
                                    std::size_t columns);

/// The map's rows for these receivers, with its legend. A mark stands for the worst that happened
/// in its column, so that a single lost message is seen.
std::string loss_map_text(const LossMap& map, const std::vector<ReceiverRecord>& receivers,
                          const std::vector<std::size_t>& shown);

}  // namespace netduel::tool
