#pragma once

#include "lab/lab_spec.hpp"
#include "session/known_path.hpp"

namespace netduel {

/// What an end on an emulated path knows of it that sends in that direction.
inline KnownPath known_path(const LabSpec& lab, Direction direction) {
  return {.patience = lab.patience(), .splits_super_packets = lab.needs_single_packets(direction)};
}

}  // namespace netduel
