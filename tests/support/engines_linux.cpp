#include "support/engines.hpp"

namespace netduel::testing {

std::vector<Engine> engines() {
  return {{"portable", open_datagram_io_portable, false, false},
          {"linux", open_datagram_io_linux, true, true},
          {"linux without offload", open_datagram_io_linux, false, true}};
}

}  // namespace netduel::testing
