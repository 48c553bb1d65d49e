#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "experiment/fairness.hpp"
#include "netduel/base/report.hpp"

namespace netduel::tool {

/// What goes on: a line for the run and a bar for each flow, for a terminal of that width that
/// redraws them.
std::vector<std::string> live_lines(const Fairness& fairness, std::size_t columns);

/// A line with bars for each interval, a table of the phases and the verdict. `report` is the
/// document of it.
std::string as_text(const Fairness& fairness, const Report& report);

}  // namespace netduel::tool
