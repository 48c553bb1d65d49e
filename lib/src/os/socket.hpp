#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

#include <sys/socket.h>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel::os {

/// Endpoint <-> sockaddr.
socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& storage);
Endpoint from_sockaddr(const sockaddr_storage& storage);
/// The address that a socket is bound to, and that of its peer. Throws std::system_error.
Endpoint local_endpoint(NativeHandle handle);
Endpoint remote_endpoint(NativeHandle handle);

/// Binds a UDP socket to its peer (connect(2)). Throws std::system_error that names the attempt.
void connect_datagrams(NativeHandle handle, const Endpoint& peer);

/// Takes one datagram off a socket, or its beginning where there is less room, and none of those
/// behind it. Never waits: nullopt when none is there.
std::optional<std::size_t> receive_one(NativeHandle handle, std::span<std::byte> octets);

/// False once the connection is gone: reset, timed out, or closed by both sides.
bool is_connected(NativeHandle handle);

/// Keeps the handle from programs that this process starts.
void close_on_exec(NativeHandle handle);
void close_handle(NativeHandle handle);

/// Asks for a buffer (SO_RCVBUF or SO_SNDBUF) when `asked` holds one, and tells what was granted.
BufferSize set_receive_buffer(NativeHandle handle, std::optional<std::size_t> asked);
BufferSize set_send_buffer(NativeHandle handle, std::optional<std::size_t> asked);

/// The last error of a system call (errno), as thrown or counted.
std::error_code last_error();
[[noreturn]] void throw_last_error(const std::string& attempt);

/// The index of a network interface by name, for the zone of a link-local address.
std::optional<std::uint32_t> interface_index(std::string_view name);
/// The same by name or, as text too, by number; 0, which leaves the choice to the system, for an
/// empty text. Throws std::system_error that names the attempt and lists those that there are.
std::uint32_t interface_number(const std::string& interface, const std::string& attempt);

}  // namespace netduel::os
