#pragma once

#include "multicast_options.hpp"

namespace netduel::tool {

/// Runs `netduel multicast compare` and returns the exit status.
int run(const MulticastCompareOptions& options);

}  // namespace netduel::tool
