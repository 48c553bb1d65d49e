#pragma once

#include "experiment_options.hpp"

namespace netduel::tool {

/// Runs the subcommand; returns the exit status.
int run(const BufferbloatOptions& options);

}  // namespace netduel::tool
