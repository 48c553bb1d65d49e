#pragma once

#include "command_line.hpp"

namespace netduel::tool {

/// Runs `netduel client` and returns the exit status.
int run(const ClientOptions& options);

}  // namespace netduel::tool
