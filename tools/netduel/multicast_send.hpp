#pragma once

#include "multicast_options.hpp"

namespace netduel::tool {

/// Runs `netduel multicast send` and returns the exit status.
int run(const MulticastSendOptions& options);

}  // namespace netduel::tool
