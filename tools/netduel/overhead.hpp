#pragma once

#include "command_line.hpp"

namespace netduel::tool {

/// Prints the arithmetic and returns the exit status.
int run(const OverheadOptions& options);

}  // namespace netduel::tool
