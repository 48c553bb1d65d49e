#include "support/engines.hpp"

namespace netduel::testing {

std::vector<Engine> engines() {
  // The second is what sockets get that name no engine.
  return {{"portable", open_datagram_io_portable, false, false},
          {"the platform's best", open_datagram_io, true, false}};
}

}  // namespace netduel::testing
