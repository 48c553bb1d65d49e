#pragma once

#include <string>

#include "command_line.hpp"
#include "iperf3_call.hpp"

namespace netduel::tool {

/// Runs `netduel client` and returns the exit status.
int run(const ClientOptions& options);

/// Prints what a script reads in place of a result when a call came to no test.
void print_failure(JsonForm form, const std::string& why);

}  // namespace netduel::tool
