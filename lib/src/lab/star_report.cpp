#include <cstddef>
#include <cstdint>
#include <string>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "lab/lab_host.hpp"
#include "lab/star_truth.hpp"

namespace netduel {
namespace {

void describe_port(const StarTruth& truth, std::size_t port, Report& report) {
  report.add("port", std::uint64_t{port});
  report.add("host", StarSpec::name_of(port));
  const auto host = static_cast<std::uint8_t>(port + 1);
  report.add("address", lab_host::address(IpVersion::v4, host).address_to_string());
  const StarSpec::Port& path = truth.spec.ports[port];
  for (const bool up : {true, false}) {
    const Report::Scope scope(report, up ? "path.up" : "path.down");
    describe(up ? path.up : path.down, report);
  }
  const PortTruth& of = truth.ports[port];
  for (const bool up : {true, false}) {
    const Report::Scope scope(report, up ? "up" : "down");
    describe(up ? of.up : of.down, report);
  }
}

}  // namespace

void describe(const StarTruth& truth, Report& report) {
  report.add("schema", std::string("netduel/truth/1"));
  report.add("seed", truth.spec.seed);
  report.add("duration_seconds", seconds(truth.duration), "s");
  report.add("path.description", truth.spec.description);
  report.add("path.mtu_octets", std::uint64_t{truth.spec.mtu_octets}, "octets");
  for (std::size_t port = 0; port < truth.ports.size(); ++port) {
    const Report::Scope scope(report, fmt::format("ports[{}]", port));
    describe_port(truth, port, report);
  }
  describe_trust(truth.trustworthy, truth.why, report);
}

Report describe(const StarTruth& truth) {
  Report report;
  describe(truth, report);
  return report;
}

std::string to_text(const StarTruth& truth) {
  std::string text;
  for (std::size_t port = 0; port < truth.ports.size(); ++port) {
    text += fmt::format("link of {}: up {}; down {}\n", StarSpec::name_of(port),
                        in_words(truth.ports[port].up), in_words(truth.ports[port].down));
  }
  return text + trust_in_words(truth.trustworthy, truth.why);
}

}  // namespace netduel
