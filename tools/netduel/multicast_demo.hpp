#pragma once

#include "multicast_options.hpp"

namespace netduel::tool {

/// Runs `netduel multicast demo` and returns the exit status.
int run(const MulticastDemoOptions& options);

}  // namespace netduel::tool
