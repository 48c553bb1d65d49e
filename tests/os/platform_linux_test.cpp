// What only Linux tells.
#include <algorithm>
#include <thread>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "os/host_counters.hpp"
#include "os/stream.hpp"
#include "os/thread.hpp"
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
    const os::HostTotals totals = os::host_totals(version);
    CHECK(totals.receive_buffer_errors);
    CHECK(totals.checksum_errors);
    CHECK(totals.softnet_drops);
  }
}

TEST_CASE("the kernel offers Reno's congestion control", "[os]") {
  const auto names = os::available_congestion_controls();
  CHECK(std::find(names.begin(), names.end(), "reno") != names.end());
}

TEST_CASE("a thread that asks for short turns keeps its policy and priority", "[os][threads]") {
  std::jthread([] {
    REQUIRE(setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 3) == 0);
    os::prefer_short_turns();
    CHECK(sched_getscheduler(0) == SCHED_OTHER);
    CHECK(getpriority(PRIO_PROCESS, static_cast<id_t>(gettid())) == 3);
  }).join();
}
