#pragma once

#include <cstdint>
#include <optional>

#include "netduel/base/endpoint.hpp"
#include "os/veth.hpp"

namespace netduel::lab_host {

// What the hosts of labs have in common: host 1 is a, and the others follow.

/// Each host's own end of its link.
inline constexpr auto interface = "eth0";
inline constexpr unsigned prefix_bits_v4 = 24;
inline constexpr unsigned prefix_bits_v6 = 64;

/// From RFC 1918's and, for IPv6, RFC 4193's private space (the global ID spells "netdu"); with
/// port 0.
Endpoint address(IpVersion version, std::uint8_t host);
/// Locally administered.
os::Mac mac(std::uint8_t host);

/// In the host's network: gives it the address; false where it can't have IPv6, in a system without
/// it or with an MTU that is too small for it (RFC 8200, section 5).
bool add_address(IpVersion version, std::uint8_t host);
/// In the host's network: tells it another's Ethernet address.
void add_neighbour(IpVersion version, std::uint8_t other);

/// Makes the calling thread one that moves packets, on `processor` if given.
void prepare_pumping_thread(std::optional<unsigned> processor);

}  // namespace netduel::lab_host
