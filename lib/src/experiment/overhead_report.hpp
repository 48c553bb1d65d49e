#pragma once

#include <cstdint>
#include <vector>

#include "netduel/base/report.hpp"
#include "netduel/wire/overhead.hpp"

namespace netduel {

struct OverheadSpec {
  std::vector<std::uint64_t> payload_octets;
  std::size_t mtu_octets = 1500;
  IpVersion ip_version = IpVersion::v4;
  bool vlan = false;
  /// TCP with its timestamps option, as Linux sends it.
  bool timestamps = true;
};

/// The rows of the document "netduel/overhead/1": for each length one row for UDP and one for TCP.
Report describe(const OverheadSpec& spec);

}  // namespace netduel
