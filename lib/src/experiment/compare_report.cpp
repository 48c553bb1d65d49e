#include "experiment/compare_report.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/setting_report.hpp"
#include "experiment/summary.hpp"
#include "experiment/verdict.hpp"
#include "experiment/warnings.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

constexpr auto parts = {Part::full_speed, Part::paced};
constexpr auto transports = {Transport::udp, Transport::tcp};

/// As the connections had it, also when the choice was left to the system.
std::string congestion_of(const Comparison& comparison) {
  for (const ComparedTrial& trial : comparison.trials) {
    if (trial.result.sender.tcp) return trial.result.sender.tcp->congestion;
  }
  return comparison.spec.congestion;
}

void describe_server(const ServerPath& path, Report& report) {
  const Report::Scope scope(report, "server");
  report.add("host", path.host);
  const bool unanswered = path.server.is_unspecified() && !path.addresses.empty();
  const Endpoint& server = unanswered ? path.addresses.front() : path.server;
  report.add("address", server.address_to_string());
  report.add("port", std::uint64_t{server.port()});
  report.add("reverse", path.reverse);
  report.add("is_netduel", path.is_netduel);
  report.add("version", path.version.empty() ? Value(Absent{}) : Value(path.version));
  report.add("round_trip_seconds", seconds(path.round_trip), "s");
  report.add("mtu_octets", std::uint64_t{path.mtu_octets}, "octets");
}

void describe_plan(const Comparison& comparison, Report& report) {
  const CompareSpec& spec = comparison.spec;
  const Report::Scope scope(report, "plan");
  report.add("path", std::string(spec.server ? "server" : spec.lab ? "lab" : "loopback"));
  if (spec.lab) describe_lab(*spec.lab, report);
  if (spec.server) describe_server(*spec.server, report);
  report.add("udp_follows_tcp", spec.udp_follows_tcp());
  report.add("transport", std::string(spec.udp && spec.tcp ? "both" : spec.udp ? "udp" : "tcp"));
  report.add("ip_version", std::uint64_t{spec.ip_version == IpVersion::v4 ? 4u : 6u});
  report.add("message_octets", std::uint64_t{spec.message_length()}, "octets");
  report.add("time_seconds", seconds(spec.trial_time()), "s");
  report.add("drain_seconds", seconds(spec.drain()), "s");
  report.add("pairs.full_speed", std::uint64_t{spec.pairs_of(Part::full_speed)});
  report.add("pairs.paced", std::uint64_t{spec.pairs_of(Part::paced)});
  report.add_optional("paced_bits_per_second", comparison.paced_bits_per_second, "bit/s");
  report.add_optional("window_octets", spec.window_octets, "octets");
  report.add("congestion", congestion_of(comparison));
  report.add("no_delay", spec.no_delay);
  report.add("offload", spec.offload);
  report.add("verify", spec.verify);
  report.add("udp_checksum", spec.udp_checksum);
  report.add("seed", spec.seed);
  describe_processors(comparison.processors, report);
}

void describe_trials(const Comparison& comparison, Report& report) {
  if (comparison.trials.empty()) report.add("trials", EmptyList{});
  std::size_t index = 0;
  for (const ComparedTrial& trial : comparison.trials) {
    const Report::Scope scope(report, fmt::format("trials[{}]", index++));
    report.add("part", std::string(name_of(trial.part)));
    report.add("pair", std::uint64_t{trial.pair});
    report.add("transport", std::string(carrier(trial.result.plan.transport).name));
    if (comparison.spec.lab) report.add_optional("flow_ordinal", trial.flow_ordinal);
    describe_trial(trial.result, report);
  }
}

bool ran(const Comparison& comparison, Part part) {
  return !comparison.of(part, Transport::udp).empty() ||
         !comparison.of(part, Transport::tcp).empty();
}

void describe_parts(const Comparison& comparison, Report& report) {
  const Report::Scope scope(report, "parts");
  for (const Part part : parts) {
    if (!ran(comparison, part)) {
      report.add(name_of(part), Absent{});
      continue;
    }
    const Report::Scope part_scope(report, name_of(part));
    for (const Transport transport : transports) {
      const auto trials = comparison.of(part, transport);
      if (trials.empty()) {
        report.add(carrier(transport).name, Absent{});
        continue;
      }
      const Report::Scope transport_scope(report, carrier(transport).name);
      describe(summarize(trials), report);
    }
  }
}

void describe_ratios(const Comparison& comparison, Report& report) {
  const Report::Scope scope(report, "ratios");
  for (const Part part : parts) {
    const bool both = !comparison.of(part, Transport::udp).empty() &&
                      !comparison.of(part, Transport::tcp).empty();
    if (!both) {
      report.add(name_of(part), Absent{});
      continue;
    }
    const Report::Scope part_scope(report, name_of(part));
    const PartRatios udp_by_tcp = ratios(comparison, part);
    report.add("goodput", udp_by_tcp.goodput);
    report.add("goodput_bootstrap", goodput_bootstrap(comparison, part));
    report.add("delay_p50", udp_by_tcp.delay_p50);
    report.add("delay_p99", udp_by_tcp.delay_p99);
  }
}

void describe_logs(const Comparison& comparison, Report& report) {
  std::size_t index = 0;
  for (const Comparison::Log& log : comparison.logs) {
    const Report::Scope scope(report, fmt::format("logs[{}]", index++));
    report.add("transport", std::string(carrier(log.transport).name));
    report.add("file", log.file);
    report.add("rows", log.rows);
    report.add("stopped", log.stopped);
  }
}

}  // namespace

Report describe(const Comparison& comparison) {
  Report report;
  report.add("schema", std::string("netduel/compare/1"));
  describe_host(report);
  describe_plan(comparison, report);
  describe_trials(comparison, report);
  describe_parts(comparison, report);
  describe_ratios(comparison, report);
  report.add("verdict", verdict(comparison));
  describe(warnings(comparison), report);
  describe_logs(comparison, report);
  report.add("interrupted", comparison.interrupted);
  if (comparison.error) report.add("error", *comparison.error);
  return report;
}

}  // namespace netduel
