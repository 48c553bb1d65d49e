#include "overhead.hpp"

#include <cstdio>
#include <string>
#include <variant>

#include <fmt/format.h>

#include "netduel/base/units.hpp"
#include "report/json.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

/// Rows of a list, one line each.
class RowText {
 public:
  RowText(const Report& report, std::size_t index)
      : report_(report), scope_(fmt::format("rows[{}].", index)) {}

  bool exists() const { return report_.find(scope_ + "transport") != nullptr; }
  std::uint64_t count(const char* metric) const { return get<std::uint64_t>(metric); }
  double real(const char* metric) const { return get<double>(metric); }
  std::string text(const char* metric) const { return get<std::string>(metric); }

 private:
  template <class T>
  T get(const char* metric) const {
    return std::get<T>(*report_.find(scope_ + metric));
  }

  const Report& report_;
  std::string scope_;
};

std::string line(const RowText& row) {
  const auto ceiling = [&](const char* rate) {
    const std::string metric = fmt::format("goodput_ceiling_bits_per_second.{}", rate);
    return row.real(metric.c_str()) / 1e9;
  };
  return fmt::format(
      "{:>8} {:>9} {:>8} {:>8} {:>11} {:>10} {:>9.2f}% {:>8.4f} {:>8.3f} {:>8.3f} {:>8.2f}\n",
      row.count("payload_octets"), row.text("transport") == "udp" ? "UDP" : "TCP",
      row.count("packets"), row.count("transport_header_octets"), row.count("ip_header_octets"),
      row.count("wire_octets"), 100 * row.real("wire_efficiency_ratio"), ceiling("1G"),
      ceiling("10G"), ceiling("25G"), ceiling("100G"));
}

std::string as_text(const OverheadSpec& spec, const Report& report) {
  std::string text = fmt::format(
      "One message on Ethernet, MTU {}, {}{}, TCP {} timestamps; goodput ceilings in Gbit/s\n\n",
      spec.mtu_octets, spec.ip_version == IpVersion::v4 ? "IPv4" : "IPv6",
      spec.vlan ? ", VLAN tag" : "", spec.timestamps ? "with" : "without");
  text += fmt::format("{:>8} {:>9} {:>8} {:>8} {:>11} {:>10} {:>10} {:>8} {:>8} {:>8} {:>8}\n",
                      "payload", "transport", "packets", "headers", "IP headers", "on wire",
                      "efficiency", "1G", "10G", "25G", "100G");
  for (std::size_t index = 0; RowText(report, index).exists(); ++index) {
    text += line(RowText(report, index));
  }
  return text;
}

}  // namespace

int run(const OverheadOptions& options) {
  const Report report = describe(options.spec);
  return print(options.json ? to_json(report) + '\n' : as_text(options.spec, report));
}

}  // namespace netduel::tool
