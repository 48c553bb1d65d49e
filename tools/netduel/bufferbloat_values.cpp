#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "experiment/lab_path.hpp"
#include "experiment_texts.hpp"
#include "netduel/base/units.hpp"
#include "option_values.hpp"

namespace netduel::tool {
namespace {

using namespace std::chrono_literals;

constexpr auto shortest_phase = 500ms;
constexpr auto longest_phase = 1h;
constexpr auto shortest_probe_interval = 1ms;
/// A phase holds some probes at least.
constexpr int fewest_probes = 10;
constexpr std::uint64_t most_streams = 128;
/// A sealed test's datagrams are waited for as long as this (Tmax; RFC 7680, section 2.3).
constexpr auto drain = std::chrono::nanoseconds(250ms);

std::chrono::nanoseconds phase_time(const std::string& text) {
  const auto time = parse_duration(text);
  if (!time || *time < shortest_phase || *time > longest_phase) {
    refuse("--time", text, "a phase takes 500ms to 1h, for example 5, 2s or 30s");
  }
  return *time;
}

std::chrono::nanoseconds probe_interval(const std::string& text, std::chrono::nanoseconds phase) {
  const auto interval = parse_duration(text);
  if (!interval || *interval < shortest_probe_interval || *interval > phase / fewest_probes) {
    const auto most = std::chrono::duration<double>(phase / fewest_probes).count();
    refuse("--probe-interval", text,
           fmt::format("1ms to {} with phases of this length (-t), for example 20ms",
                       format_duration(most)));
  }
  return *interval;
}

void read_direction(const std::string& text, BufferbloatSpec& spec) {
  if (text != "up" && text != "down" && text != "both") {
    refuse("--direction", text, "up, down or both");
  }
  spec.up = text != "down";
  spec.down = text != "up";
}

void read_parameters(const BufferbloatTexts& texts, BufferbloatSpec& spec) {
  TestParameters& parameters = spec.client.parameters;
  parameters.client_version = NETDUEL_VERSION;
  NetduelParameters& ours = parameters.netduel.emplace();
  ours.version = NETDUEL_VERSION;
  ours.drain = drain;
  ours.seed = spec.seed;
  if (texts.time) spec.time = phase_time(*texts.time);
  if (texts.probe_interval) spec.probe_interval = probe_interval(*texts.probe_interval, spec.time);
  if (texts.direction) read_direction(*texts.direction, spec);
  if (texts.bitrate) {
    spec.udp_bits_per_second =
        bitrate(*texts.bitrate, "without -b UDP offers somewhat more than what TCP has carried");
  }
  if (texts.congestion) {
    spec.congestion = congestion(*texts.congestion, texts.path.any_given().has_value());
  }
  if (texts.parallel) {
    spec.tcp_streams = static_cast<unsigned>(
        whole_number("--parallel", *texts.parallel, 1, most_streams, "1 to 128 connections"));
  }
}

/// Where the path leads: to a server, or over an emulated link to one in this process.
void read_path(const BufferbloatTexts& texts, BufferbloatOptions& options) {
  const auto path_option = texts.path.any_given();
  if (texts.host) {
    if (texts.host->empty()) refuse("HOST", *texts.host, "a name or an address");
    if (path_option) {
      throw UsageError(fmt::format(
          "{}: an emulated path runs between two ends here; leave HOST or it out", *path_option));
    }
    options.host = texts.host;
    options.spec.host = *texts.host;
    return;
  }
  if (!path_option) {
    throw UsageError(
        "HOST: a path to fill is missing; name a server (netduel bufferbloat HOST) or make an "
        "emulated path, for example --preset bufferbloat or --delay 10ms --bottleneck 10M");
  }
  options.path = texts.path.read(options.spec.seed, options.ip_version.value_or(IpVersion::v4));
  BufferbloatSpec& spec = options.spec;
  spec.lab = options.path.lab;
  spec.client.has_own_path = true;
  spec.client.path = known_path(*spec.lab, Direction::a_to_b);
  spec.client.connect_timeout += spec.client.path.patience;
  auto& waits = spec.client.parameters.netduel->drain;
  waits = std::max(waits, spec.lab->drain());
}

}  // namespace

BufferbloatOptions to_options(const BufferbloatTexts& texts) {
  BufferbloatOptions options;
  options.spec.seed = seed(texts.seed);
  if (texts.v4 && texts.v6) throw UsageError("-4 -6: choose one of the two");
  if (texts.v4 || texts.v6) options.ip_version = texts.v4 ? IpVersion::v4 : IpVersion::v6;
  if (texts.port) {
    options.port = static_cast<std::uint16_t>(
        whole_number("--port", *texts.port, 1, 65535, "a port is a number from 1 to 65535"));
  }
  read_parameters(texts, options.spec);
  read_path(texts, options);
  options.json = texts.json;
  return options;
}

}  // namespace netduel::tool
