#include <algorithm>
#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "command_texts.hpp"
#include "integrity_options.hpp"
#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"
#include "option_values.hpp"
#include "wire/iperf3.hpp"

namespace netduel::tool {
namespace {

/// A character, voice, a small request, a cache line's worth, what fits 1500 octets, a disk block,
/// the largest datagram.
constexpr std::array<std::uint64_t, 8> common_lengths = {1, 64, 160, 512, 1448, 1472, 8192, 65507};
constexpr std::size_t largest_mtu = 65535;
constexpr std::size_t most_pairs = 10000;
constexpr std::uint64_t most_log_rows = 100'000'000;

/// An option for a transport that isn't measured would be ignored, and its user mistaken.
void check_transports(const CompareTexts& texts) {
  const auto needs = [](std::string_view option, std::string_view transport) {
    throw UsageError(fmt::format(
        "{} is for {}, which --transport leaves out; leave out one of the two", option, transport));
  };
  if (texts.transport == "udp" && texts.congestion) needs("--congestion", "TCP");
  if (texts.transport == "udp" && texts.nagle) needs("--nagle", "TCP");
  if (texts.transport == "tcp" && texts.no_offload) needs("--no-offload", "UDP");
  if (texts.transport == "tcp" && texts.no_udp_checksum) needs("--no-udp-checksum", "UDP");
}

/// The server to compare with, and what only works with one or without.
void read_server(const CompareTexts& texts, CompareOptions& options) {
  CompareSpec& spec = options.spec;
  if (!texts.host) {
    if (texts.reverse) {
      throw UsageError("--reverse: a HOST that sends is missing; without one both ends are here");
    }
    return;
  }
  if (texts.host->empty()) throw UsageError("HOST: it is empty; a name or an address works");
  if (spec.lab) {
    throw UsageError(
        "HOST: an emulated path has both ends on this machine; leave out HOST or the path's "
        "options");
  }
  if (texts.log_file) {
    throw UsageError(
        "--log: arrivals are written down where both ends are here; leave out HOST or --log");
  }
  spec.server.emplace();
  spec.server->host = *texts.host;
  spec.server->reverse = texts.reverse;
  spec.port = iperf3::default_port;
  if (texts.v4 || texts.v6 || texts.no_udp_checksum) options.server_ip_version = spec.ip_version;
}

}  // namespace

CompareOptions to_options(const CompareTexts& texts) {
  CompareOptions options;
  CompareSpec& spec = options.spec;
  if (texts.transport != "both" && texts.transport != "udp" && texts.transport != "tcp") {
    refuse("--transport", texts.transport, "udp, tcp or both");
  }
  check_transports(texts);
  spec.udp = texts.transport != "tcp";
  spec.tcp = texts.transport != "udp";
  if (texts.pairs) {
    spec.pairs = whole_number("--pairs", *texts.pairs, 1, most_pairs, "1 to 10000 pairs");
  }
  spec.seed = seed(texts.seed);
  spec.ip_version = ip_version(texts.v4, texts.v6);
  if (texts.no_udp_checksum) check_no_udp_checksum(texts.v6, texts.host);
  const PathOptions path = texts.path.read(spec.seed, spec.ip_version);
  spec.lab = path.lab;
  options.truth_file = path.truth_file;
  read_server(texts, options);
  if (texts.time) spec.time = trial_time(*texts.time);
  if (texts.bitrate) {
    spec.bits_per_second =
        bitrate(*texts.bitrate, "without -b both transports run at full speed first");
  }
  if (texts.length) spec.message_octets = message_octets(*texts.length, texts.verify);
  if (texts.window) spec.window_octets = window(*texts.window);
  if (texts.congestion) spec.congestion = congestion(*texts.congestion, spec.lab.has_value());
  if (texts.port) {
    spec.port = static_cast<std::uint16_t>(
        whole_number("--port", *texts.port, 1, 65535, "a port is a number from 1 to 65535"));
  }
  options.log_file = texts.log_file;
  if (texts.log_rows) {
    if (!texts.log_file)
      refuse("--log-rows", *texts.log_rows, "there is no log without --log FILE");
    options.log_rows =
        whole_number("--log-rows", *texts.log_rows, 1, most_log_rows, "1 to 100000000 rows");
  }
  spec.flood = texts.flood;
  spec.offload = !texts.no_offload;
  spec.no_delay = !texts.nagle;
  spec.verify = texts.verify;
  spec.udp_checksum = !texts.no_udp_checksum;
  options.json = texts.json;
  check_rate(spec);
  return options;
}

LabOptions to_options(const LabTexts& texts) {
  LabOptions options;
  options.seed = seed(texts.seed);
  if (texts.hosts) {
    const std::uint64_t hosts =
        whole_number("--hosts", *texts.hosts, 1, StarSpec::most_hosts,
                     fmt::format("1 to {} hosts beside a", StarSpec::most_hosts));
    options.star = texts.path.read_star(hosts, texts.ports, options.seed, IpVersion::v4);
  } else if (!texts.ports.texts().empty()) {
    refuse("--port", texts.ports.texts().front(),
           "a path between two hosts has no ports; --hosts 8 makes a star of more");
  } else {
    options.path = texts.path.read(options.seed, IpVersion::v4);
  }
  options.serve = texts.serve;
  if (texts.serve && texts.serve->empty()) {
    refuse("--serve", *texts.serve, "a command line for host b, for example --serve 'iperf3 -s'");
  }
  return options;
}

OverheadOptions to_options(const OverheadTexts& texts) {
  OverheadOptions options;
  OverheadSpec& spec = options.spec;
  spec.ip_version = ip_version(texts.v4, texts.v6);
  const bool v4 = spec.ip_version == IpVersion::v4;
  if (texts.mtu) {
    const std::uint64_t lowest = v4 ? 68 : 1280;
    spec.mtu_octets =
        whole_number("--mtu", *texts.mtu, lowest, largest_mtu,
                     fmt::format("with {} an MTU is {} to {} octets ({})", v4 ? "IPv4" : "IPv6",
                                 lowest, largest_mtu, v4 ? "RFC 791" : "RFC 8200"));
  }
  const std::uint64_t longest = v4 ? largest_udp_payload_v4 : largest_udp_payload_v6;
  for (const std::string& text : texts.lengths) {
    const auto octets = parse_octets(text);
    if (!octets || *octets == 0 || *octets > longest) {
      refuse("--length", text, fmt::format("a payload is 1 to {} octets long", longest));
    }
    spec.payload_octets.push_back(*octets);
  }
  if (spec.payload_octets.empty()) {
    spec.payload_octets.assign(common_lengths.begin(), common_lengths.end());
  }
  spec.vlan = texts.vlan;
  spec.timestamps = !texts.no_timestamps;
  options.json = texts.json;
  return options;
}

AnalyzeOptions to_options(const AnalyzeTexts& texts) {
  AnalyzeOptions options;
  options.file = texts.file;
  const auto time = [](std::string_view option, const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed || parsed->count() < 0) refuse(option, text, "a time, for example 500ms or 2s");
    return *parsed;
  };
  if (texts.sent) {
    options.spec.sent =
        whole_number("--sent", *texts.sent, 1, std::uint64_t{1} << 62, "how many were sent");
  }
  if (texts.omit) options.spec.omit = time("--omit", *texts.omit);
  if (texts.longest_wait) options.spec.longest_wait = time("--tmax", *texts.longest_wait);
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
