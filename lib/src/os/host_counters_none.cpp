#include <thread>

#include <sys/utsname.h>

#include "os/host_counters.hpp"

namespace netduel::os {

HostTotals host_totals(IpVersion) {
  return {};
}

HostFacts host_facts() {
  HostFacts facts;
  utsname system{};
  if (uname(&system) >= 0) {
    facts.system =
        std::string(system.sysname) + " " + system.release + " " + std::string(system.machine);
  }
  facts.processors = std::thread::hardware_concurrency();
  return facts;
}

}  // namespace netduel::os
