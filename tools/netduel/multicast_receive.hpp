#pragma once

#include "multicast_options.hpp"

namespace netduel::tool {

/// Runs `netduel multicast receive` and returns the exit status.
int run(const MulticastReceiveOptions& options);

}  // namespace netduel::tool
