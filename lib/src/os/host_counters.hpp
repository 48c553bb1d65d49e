#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "netduel/base/endpoint.hpp"

namespace netduel::os {

/// Totals of this network namespace since boot (/proc/net/snmp, /proc/net/snmp6) and of all
/// processors (/proc/net/softnet_stat); absent where unreadable.
struct HostTotals {
  // Of UDP, with that IP version.
  std::optional<std::uint64_t> receive_buffer_errors;
  std::optional<std::uint64_t> memory_errors;
  std::optional<std::uint64_t> checksum_errors;
  /// Segments of TCP, with either IP version.
  std::optional<std::uint64_t> tcp_checksum_errors;
  std::optional<std::uint64_t> softnet_drops;
};
HostTotals host_totals(IpVersion version);

/// What the JSON's `host` tells of this machine.
struct HostFacts {
  std::string system;  ///< "Linux 6.1.0 x86_64"
  unsigned processors = 0;
  std::optional<std::uint64_t> receive_buffer_limit_octets;  ///< net.core.rmem_max
  std::optional<std::uint64_t> send_buffer_limit_octets;     ///< net.core.wmem_max
  std::optional<std::string> clock_source;                   ///< "tsc", "kvm-clock", "hpet"
};
HostFacts host_facts();

}  // namespace netduel::os
