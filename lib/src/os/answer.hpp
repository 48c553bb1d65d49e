#pragma once

#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"

namespace netduel::os {

/// Sends one datagram from the address that a question came to (PacketInfo::destination), whatever
/// the way back would suggest on a host with several: a socket that is connected to that address
/// hears no other. From an unspecified one, and where the platform can't, the system chooses. Never
/// waits; what the stack doesn't take is lost as any datagram may be.
void send_from(NativeHandle handle, Bytes message, const Endpoint& from, const Endpoint& to);

}  // namespace netduel::os
