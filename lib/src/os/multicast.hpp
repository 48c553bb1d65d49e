#pragma once

#include <cstdint>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel::os {

/// RFC 3678's calls that don't depend on the version of IP. Throw std::system_error that names the
/// attempt, also for what is no group and for an interface that isn't there.
void join(NativeHandle handle, IpVersion version, const MulticastMembership& membership);
void leave(NativeHandle handle, IpVersion version, const MulticastMembership& membership);

/// The index of its interface, or of its group's zone; 0 where the choice is the system's. Throws
/// as above.
std::uint32_t interface_of(const MulticastMembership& membership);

/// Interface, hop limit and loopback of what the socket sends to groups.
void set_multicast_sending(NativeHandle handle, IpVersion version, const UdpOptions& options);

}  // namespace netduel::os
