#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "netduel/base/endpoint.hpp"
#include "os/network_namespace.hpp"

namespace netduel::os {

// A pair of virtual Ethernet interfaces: what one sends, the other receives. All throw
// std::system_error that names the attempt.

/// An Ethernet address.
using Mac = std::array<std::uint8_t, 6>;

/// Makes a pair, `near` in the calling thread's network namespace and `far` in another.
void make_veth(const std::string& near, const std::string& far, const NetworkNamespace& far_network,
               const Mac& far_mac, std::size_t mtu_octets);

struct InterfaceAddress {
  Endpoint address;
  unsigned prefix_bits = 0;
};
/// Of the calling thread's network namespace: gives an interface its addresses (without duplicate
/// address detection, there is nobody to ask) and a route for IPv4 multicast, and brings it up.
void configure(const std::string& interface, const std::vector<InterfaceAddress>& addresses);

/// Of the calling thread's network namespace: waits, for a second at most, until an interface
/// really sends. When its other end has come up the kernel notices that in the background, and
/// until then loses what the interface is given without a word.
void await_carrier(const std::string& interface);

/// Of the calling thread's network namespace: tells an interface a neighbour's Ethernet address for
/// good, so that no packet ever waits for ARP or neighbour discovery.
void add_neighbour(const std::string& interface, const Endpoint& neighbour, const Mac& mac);

/// Of the calling thread's network namespace: from now on UDP super-packets are cut before an
/// interface sends them (the feature tx-udp-segmentation is off). Throws where the kernel refuses.
void forgo_udp_segmentation(const std::string& interface);

/// What an interface of the calling thread's network namespace dropped when sending: for a veth,
/// what the other side had no room for.
std::uint64_t interface_send_drops(const std::string& interface);

/// Lets TCP ask for ECN (RFC 3168) in the calling thread's network namespace; false when the system
/// doesn't let us.
bool enable_ecn();

}  // namespace netduel::os
