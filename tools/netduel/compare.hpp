#pragma once

#include "command_line.hpp"

namespace netduel::tool {

/// Runs the comparison, prints it, and returns the exit status.
int run(const CompareOptions& options);

}  // namespace netduel::tool
