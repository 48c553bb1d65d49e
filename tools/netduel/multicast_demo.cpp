#include "multicast_demo.hpp"

#include <stdexcept>

namespace netduel::tool {

int run(const MulticastDemoOptions&) {
  throw std::runtime_error("not yet");
}

}  // namespace netduel::tool
