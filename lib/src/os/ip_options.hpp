#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel::os {

// What a socket is asked to write into IP headers, or to look at in them. All throw
// std::system_error that names the attempt; none does anything for an option that is absent.

void set_hop_limit(NativeHandle handle, IpVersion version, std::optional<std::uint8_t> hops);
/// DSCP and ECN share an octet of the header (IP_TOS, IPV6_TCLASS).
void set_traffic_class(NativeHandle handle, IpVersion version, std::optional<std::uint8_t> dscp,
                       std::optional<Ecn> ecn = std::nullopt);
void set_dont_fragment(NativeHandle handle, IpVersion version, std::optional<bool> forbid);

/// SO_BINDTODEVICE; nothing for an empty text.
void set_interface(NativeHandle handle, const std::string& interface);
/// SO_MAX_PACING_RATE.
void set_max_pacing(NativeHandle handle, std::optional<std::uint64_t> bits_per_second);

/// SO_NO_CHECK, when `wanted` is false.
void set_udp_checksum(NativeHandle handle, IpVersion version, bool wanted);

/// All options of a UDP socket but its buffers and its offload. To be called before it is bound.
void set_udp_options(NativeHandle handle, IpVersion version, const UdpOptions& options);

/// Lets only groups through that the socket itself has joined. Linux else hands it what any socket
/// of the host has joined (ip(7), IP_MULTICAST_ALL), which other systems never do.
void receive_joined_groups_only(NativeHandle handle, IpVersion version);

/// What this host takes the path to carry in one packet, headers of IP included, in the network of
/// the calling thread; nullopt where there is no route, and where the platform can't tell.
std::optional<std::size_t> path_mtu_octets(const Endpoint& to);

/// setsockopt for an option whose value is of that very type.
void set_option_octets(NativeHandle handle, int level, int option, const void* value,
                       std::size_t octets, const std::string& attempt);

template <class Value>
void set_option(NativeHandle handle, int level, int option, const Value& value,
                const std::string& attempt) {
  set_option_octets(handle, level, option, &value, sizeof value, attempt);
}

}  // namespace netduel::os
