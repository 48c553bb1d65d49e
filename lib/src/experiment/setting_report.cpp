#include "experiment/setting_report.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lab/truth.hpp"
#include "os/host_counters.hpp"

namespace netduel {
namespace {

/// "0,2,3", or that the scheduler chose.
std::string list_of(const std::vector<unsigned>& processors) {
  return processors.empty() ? "any" : fmt::format("{}", fmt::join(processors, ","));
}

}  // namespace

void describe_host(Report& report) {
  const os::HostFacts facts = os::host_facts();
  const Report::Scope scope(report, "host");
  report.add("system", facts.system);
  report.add("processors", std::uint64_t{facts.processors});
  report.add_optional("receive_buffer_limit_octets", facts.receive_buffer_limit_octets, "octets");
  report.add_optional("send_buffer_limit_octets", facts.send_buffer_limit_octets, "octets");
}

void describe_lab(const LabSpec& lab, Report& report) {
  const Report::Scope scope(report, "lab");
  report.add("description", lab.description);
  report.add("mtu_octets", std::uint64_t{lab.mtu_octets}, "octets");
  for (const Direction direction : {Direction::a_to_b, Direction::b_to_a}) {
    const Report::Scope way(report, direction == Direction::a_to_b ? "a_to_b" : "b_to_a");
    describe(lab.of(direction), report);
  }
}

void describe_processors(const Processors& processors, Report& report) {
  report.add("processors.sender", list_of(processors.sender));
  report.add("processors.receiver", list_of(processors.receiver));
}

}  // namespace netduel
