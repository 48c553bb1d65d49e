#pragma once

#include "command_line.hpp"

namespace netduel::tool {

/// `netduel analyze`: returns the exit status. Throws UsageError for a log that can't be read.
int run(const AnalyzeOptions& options);

}  // namespace netduel::tool
