#pragma once

#include <optional>

#include "experiment/sweep.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// The rows of the document "netduel/sweep/1".
Report describe(const Sweep& sweep);

/// What a contender put on the wire, both ways, for each octet of payload that came: as Ethernet
/// frames with all that is around them (IEEE 802.3). Absent when nothing came.
std::optional<double> wire_octets_per_delivered_octet(const SweepRow& row);

}  // namespace netduel
