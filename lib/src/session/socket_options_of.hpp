#pragma once

#include "netduel/base/socket_options.hpp"
#include "session/test_parameters.hpp"

namespace netduel {

/// What a test asks of the sockets of its data streams, at either end.
TcpOptions tcp_options_of(const TestParameters& parameters);
UdpOptions udp_options_of(const TestParameters& parameters);

}  // namespace netduel
