#pragma once

#include <chrono>
#include <string>

#include "experiment/bufferbloat.hpp"

namespace netduel::tool {

/// A line a phase, with a bar for its round trip, then the verdict and warnings.
std::string as_text(const Bufferbloat& result, bool bold);

/// What is about to be offered to a path that others use too.
std::string announcement(const Bufferbloat& result);

/// "tcp_up, about 12 s left".
std::string progress_text(const std::string& phase, std::chrono::nanoseconds left);

}  // namespace netduel::tool
