#pragma once

#include "netduel/base/socket_options.hpp"
#include "netduel/transport/tcp.hpp"

namespace netduel {

/// Applies `options` to a connection that is open, for a server that learns only after accepting
/// what a test wants. An absent one leaves what the connection has, from its listener or the
/// system; `no_delay` and `message_octets` (see TcpConnection::frame) are never absent. What both
/// ends agreed on when the connection opened stays: a receive buffer grows no further than the
/// window scale lets it (RFC 7323, section 2), and on Linux `mss_octets` changes nothing any more;
/// the client's holds for both ends. To be called before other threads have the connection. Throws
/// std::system_error that names the attempt; those before it hold then.
void set_options(TcpConnection& connection, const TcpOptions& options);

}  // namespace netduel
