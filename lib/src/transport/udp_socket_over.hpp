#pragma once

#include <memory>

#include "netduel/transport/udp_socket.hpp"
#include "os/datagram_io.hpp"

namespace netduel {

/// A socket over an engine that isn't the platform's best; for tests.
UdpSocket open_over(std::unique_ptr<DatagramIo> io);

}  // namespace netduel
