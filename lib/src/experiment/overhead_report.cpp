#include "experiment/overhead_report.hpp"

#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace netduel {
namespace {

constexpr std::array<std::pair<std::string_view, double>, 4> line_rates = {
    {{"1G", 1e9}, {"10G", 10e9}, {"25G", 25e9}, {"100G", 100e9}}};

void describe_row(const HeaderStack& stack, std::uint64_t payload_octets, Report& report) {
  const WireCost cost = message_cost(stack, payload_octets);
  report.add("transport", std::string(stack.transport == Transport::udp ? "udp" : "tcp"));
  report.add("ip_version", std::uint64_t{stack.ip_version == IpVersion::v4 ? 4u : 6u});
  report.add("payload_octets", cost.payload_octets, "octets");
  report.add("packets", cost.packets);
  report.add("fragmented", stack.transport == Transport::udp && cost.packets > 1);
  report.add("transport_header_octets", cost.transport_header_octets, "octets");
  report.add("ip_header_octets", cost.ip_header_octets, "octets");
  report.add("ip_octets", cost.ip_octets, "octets");
  report.add("wire_octets", cost.wire_octets, "octets");
  report.add("wire_efficiency_ratio", cost.wire_efficiency_ratio, "ratio");
  for (const auto& [name, rate] : line_rates) {
    report.add(fmt::format("goodput_ceiling_bits_per_second.{}", name), cost.goodput_ceiling(rate),
               "bit/s");
  }
  // TCP sends lost segments again, and the message is late rather than lost.
  report.add_optional("message_loss_ratio_at_1_percent",
                      stack.transport == Transport::udp
                          ? std::optional<double>(cost.loss_amplification(0.01))
                          : std::nullopt,
                      "ratio");
}

}  // namespace

Report describe(const OverheadSpec& spec) {
  Report report;
  report.add("schema", std::string("netduel/overhead/1"));
  report.add("mtu_octets", std::uint64_t{spec.mtu_octets}, "octets");
  report.add("vlan", spec.vlan);
  report.add("tcp_timestamps", spec.timestamps);
  std::size_t index = 0;
  for (const std::uint64_t payload : spec.payload_octets) {
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
      const HeaderStack stack{.transport = transport,
                              .ip_version = spec.ip_version,
                              .tcp_options_octets = spec.timestamps ? tcp_timestamps_octets : 0,
                              .mtu_octets = spec.mtu_octets,
                              .vlan_tags = spec.vlan ? 1u : 0u};
      const Report::Scope scope(report, fmt::format("rows[{}]", index++));
      describe_row(stack, payload, report);
    }
  }
  return report;
}

}  // namespace netduel
