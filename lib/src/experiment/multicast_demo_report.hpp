#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "experiment/multicast_demo.hpp"
#include "experiment/warnings.hpp"
#include "measure/loss_map.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// Of a pattern's first sender, from its receivers' reports, which is worth a look where there is
/// one sender and many receivers; absent elsewhere.
std::optional<LossMap> loss_map_of(const DemoPattern& pattern, std::size_t columns);

std::vector<Warning> warnings(const MulticastDemo& demo);

/// Rows of the document netduel/multicast/1 with the role "demo".
Report describe(const MulticastDemo& demo);

}  // namespace netduel
