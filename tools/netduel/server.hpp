#pragma once

#include "command_line.hpp"

namespace netduel::tool {

/// Runs `netduel server` until it ends and returns the exit status.
int run(const ServerOptions& options);

}  // namespace netduel::tool
