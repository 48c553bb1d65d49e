#pragma once

#include <memory>
#include <ostream>
#include <vector>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/socket_options.hpp"
#include "os/datagram_io.hpp"

namespace netduel::testing {

/// One way to move datagrams, and what is to be expected of it.
struct Engine {
  const char* name;
  std::unique_ptr<DatagramIo> (*open_engine)(const Endpoint&, const UdpOptions&);
  bool offload;
  bool kernel_stamps;

  std::unique_ptr<DatagramIo> open(const Endpoint& local, UdpOptions options = {}) const {
    options.offload = offload;
    return open_engine(local, options);
  }
  friend std::ostream& operator<<(std::ostream& out, const Engine& engine) {
    return out << engine.name;
  }
};

/// Those that this build has: CMake picks the file that lists them.
std::vector<Engine> engines();

}  // namespace netduel::testing
