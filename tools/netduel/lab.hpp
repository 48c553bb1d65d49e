#pragma once

#include "command_line.hpp"

namespace netduel::tool {

/// Runs the user's programs on the two hosts of an emulated link, and tells on standard error what
/// the link did. The exit status is the command's. Throws when there is no lab to be had.
int run(const LabOptions& options);

}  // namespace netduel::tool
