#include "multicast_send.hpp"

#include <stdexcept>

namespace netduel::tool {

int run(const MulticastSendOptions&) {
  throw std::runtime_error("not yet");
}

}  // namespace netduel::tool
