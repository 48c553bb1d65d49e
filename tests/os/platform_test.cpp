#include <algorithm>

#include "os/host_counters.hpp"
#include "os/socket.hpp"
#include "os/stream.hpp"
#include "os/thread.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

TEST_CASE("an endpoint survives the way to the kernel's form and back", "[os]") {
  const auto* const text =
      GENERATE("192.0.2.1:5201", "[2001:db8::1]:80", "[fe80::1%2]:65535", "0.0.0.0:0", "[::]:0");
  const Endpoint endpoint = Endpoint::parse(text).value();
  sockaddr_storage storage{};
  CHECK(os::to_sockaddr(endpoint, storage) > 0);
  CHECK(os::from_sockaddr(storage) == endpoint);
}

TEST_CASE("the loopback interface has an index, and an unknown one has none", "[os]") {
  CHECK(os::interface_index("lo") == 1U);
  CHECK_FALSE(os::interface_index("no-such-interface"));
}

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

TEST_CASE("a thread's processor time grows while it works", "[os]") {
  os::prepare_data_thread("a name of more than fifteen characters");
  const auto before = os::thread_cpu_time();
  while (os::thread_cpu_time() - before < std::chrono::milliseconds(1)) {
  }
  CHECK(os::thread_cpu_time() > before);
}

TEST_CASE("the kernel offers Reno's congestion control", "[os]") {
  const auto names = os::available_congestion_controls();
  CHECK(std::find(names.begin(), names.end(), "reno") != names.end());
}
