#include "multicast_receive.hpp"

#include <stdexcept>

namespace netduel::tool {

int run(const MulticastReceiveOptions&) {
  throw std::runtime_error("not yet");
}

}  // namespace netduel::tool
