#pragma once

#include <string>

#include "experiment/multicast_demo.hpp"

namespace netduel::tool {

/// The four patterns on one screen, in plain words.
std::string as_text(const MulticastDemo& demo);

}  // namespace netduel::tool
