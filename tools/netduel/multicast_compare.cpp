#include "multicast_compare.hpp"

#include <stdexcept>

namespace netduel::tool {

int run(const MulticastCompareOptions&) {
  throw std::runtime_error("not yet");
}

}  // namespace netduel::tool
