#pragma once

#include <ostream>

#include "netduel/measure/arrival.hpp"
#include "netduel/measure/drop_gaps.hpp"

// How a failed test shows our values.
namespace netduel {

inline std::ostream& operator<<(std::ostream& out, const Bounds& bounds) {
  return out << bounds.low << ".." << bounds.high;
}

inline std::ostream& operator<<(std::ostream& out, const Placement& placement) {
  return out << "order " << static_cast<int>(placement.order) << ", distance "
             << placement.distance;
}

}  // namespace netduel
