#pragma once

#include <vector>

#include "experiment/sweep.hpp"
#include "experiment/warnings.hpp"

namespace netduel {

/// Those of comparisons, each told once for all rows that it holds for, and a sweep's own.
std::vector<Warning> warnings(const Sweep& sweep);

}  // namespace netduel
