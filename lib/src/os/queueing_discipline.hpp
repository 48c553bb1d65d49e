#pragma once

#include <optional>
#include <string>

#include "netduel/base/endpoint.hpp"

namespace netduel::os {

/// The root queueing discipline ("noqueue", "fq", "tbf") of the interface through which packets to
/// `to` leave; nullopt where the platform can't tell.
std::optional<std::string> queueing_discipline_towards(const Endpoint& to);

/// Whether that discipline takes or drops a super-packet as a whole. One that cuts it (tbf) may
/// drop some of its segments without telling the sender, so super-packets are not for it.
bool keeps_super_packets_whole(const std::string& discipline);

}  // namespace netduel::os
