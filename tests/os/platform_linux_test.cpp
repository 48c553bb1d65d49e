// What only Linux tells.
#include <algorithm>

#include "os/host_counters.hpp"
#include "os/stream.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

TEST_CASE("this machine tells of itself", "[os]") {
  const os::HostFacts facts = os::host_facts();
  CHECK(facts.system.starts_with("Linux "));
  CHECK(facts.processors > 0);
  if (facts.receive_buffer_limit_octets) CHECK(*facts.receive_buffer_limit_octets > 0);
}

TEST_CASE("the host's counters can be read for both versions of IP", "[os]") {
  for (const IpVersion version : ip_versions()) {
    const os::UdpHostTotals totals = os::udp_host_totals(version);
    CHECK(totals.receive_buffer_errors);
    CHECK(totals.checksum_errors);
    CHECK(totals.softnet_drops);
  }
}

TEST_CASE("the kernel offers Reno's congestion control", "[os]") {
  const auto names = os::available_congestion_controls();
  CHECK(std::find(names.begin(), names.end(), "reno") != names.end());
}
