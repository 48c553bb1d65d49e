#include "experiment/bufferbloat_report.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/bufferbloat_figures.hpp"
#include "experiment/bufferbloat_verdict.hpp"
#include "experiment/setting_report.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

void describe_server(const Bufferbloat& result, Report& report) {
  const Report::Scope scope(report, "server");
  const Endpoint& server = result.server.value_or(result.spec.client.server);
  report.add("host", result.spec.host);
  report.add("address", server.is_unspecified() ? Value(Absent{}) : server.address_to_string());
  report.add("port", std::uint64_t{server.port()});
  report.add("is_netduel", result.server ? Value(result.is_netduel) : Value(Absent{}));
  report.add("version", result.version.empty() ? Value(Absent{}) : Value(result.version));
}

void describe_plan(const Bufferbloat& result, Report& report) {
  const BufferbloatSpec& spec = result.spec;
  const Report::Scope scope(report, "plan");
  report.add("path", std::string(spec.lab ? "lab" : "server"));
  if (spec.lab) {
    describe_lab(*spec.lab, report);
  } else {
    describe_server(result, report);
  }
  report.add("direction", std::string(!spec.down ? "up" : !spec.up ? "down" : "both"));
  report.add("time_seconds", seconds(spec.time), "s");
  report.add("settling_seconds", seconds(spec.settling()), "s");
  report.add("probe_interval_seconds", seconds(spec.probe_interval), "s");
  report.add("congestion", spec.congestion.empty() ? Value(Absent{}) : Value(spec.congestion));
  report.add("tcp_streams", std::uint64_t{spec.tcp_streams});
  report.add_optional("udp_bits_per_second", spec.udp_bits_per_second, "bit/s");
  report.add("seed", spec.seed);
}

void describe_load(const BufferbloatPhase& phase, Report& report) {
  if (!phase.load) {
    report.add("load", Absent{});
    return;
  }
  const BufferbloatLoad& load = *phase.load;
  const Report::Scope scope(report, "load");
  report.add("transport", std::string(carrier(load.transport).name));
  report.add("direction", std::string(name_of(load.direction)));
  report.add("streams", std::uint64_t{load.streams});
  report.add("congestion", load.congestion.empty() ? Value(Absent{}) : Value(load.congestion));
  report.add_optional("goodput_bits_per_second", load.goodput_bits_per_second, "bit/s");
  report.add_optional("offered_bits_per_second", load.offered_bits_per_second, "bit/s");
  report.add_optional("loss_ratio", load.loss_ratio, "ratio");
}

void describe_round_trips(const RoundTripFigures& figures, Report& report) {
  if (!figures.p50) {
    report.add("round_trip_seconds", Absent{});
    return;
  }
  const Report::Scope scope(report, "round_trip_seconds");
  report.add_optional("min", seconds(figures.min), "s");
  report.add_optional("p50", seconds(figures.p50), "s");
  report.add_optional("p90", seconds(figures.p90), "s");
  report.add_optional("p99", seconds(figures.p99), "s");
  report.add_optional("max", seconds(figures.max), "s");
}

void describe_probes(const BufferbloatPhase& phase, const RoundTripFigures& figures,
                     Report& report) {
  if (phase.by != RoundTripsBy::udp_probes) {
    report.add("probes", Absent{});
    return;
  }
  const Report::Scope scope(report, "probes");
  report.add("sent", figures.sent);
  report.add("answered", figures.answered);
  report.add("lost", figures.lost);
}

void describe_added(const AddedDelay& added, Report& report) {
  if (added.p50) {
    report.add("added_seconds.p50", seconds(*added.p50), "s");
    report.add_optional("added_seconds.p99", seconds(added.p99), "s");
  } else {
    report.add("added_seconds", Absent{});
  }
  report.add_optional("queue_share_ratio", added.queue_share_ratio, "ratio");
  report.add_optional("buffer_octets", added.buffer_octets, "octets");
}

std::optional<std::string> name_of(std::optional<RoundTripsBy> by) {
  if (!by) return std::nullopt;
  return *by == RoundTripsBy::udp_probes ? "udp_probes" : "tcp_info";
}

void describe_phase(const Bufferbloat& result, const BufferbloatPhase& phase, Report& report) {
  const RoundTripFigures figures = figures_of(phase);
  report.add("name", phase.name);
  report.add("seconds", seconds(phase.time), "s");
  report.add("settling_seconds", seconds(figures.settling), "s");
  report.add_optional("rtt_by", name_of(phase.by));
  describe_round_trips(figures, report);
  describe_probes(phase, figures, report);
  describe_load(phase, report);
  const BufferbloatPhase* const idle = phase_of(result, "idle");
  const auto goodput = phase.load ? phase.load->goodput_bits_per_second : std::nullopt;
  const bool comparable = phase.load && idle != nullptr;
  describe_added(comparable ? added_delay(figures, figures_of(*idle), goodput) : AddedDelay{},
                 report);
  report.add_optional("queue_most_octets", phase.queue_most_octets, "octets");
}

/// With what the emulated path says of itself: packets that left it late have waited in no queue.
std::vector<Warning> all_warnings(const Bufferbloat& result) {
  std::vector<Warning> list = warnings(result);
  if (!result.truth) return list;
  for (const TruthNote& note : result.truth->why) list.push_back({note.id, note.text});
  return list;
}

}  // namespace

std::string_view name_of(TestDirection direction) {
  return direction == TestDirection::forward ? "up" : "down";
}

Report describe(const Bufferbloat& result) {
  Report report;
  report.add("schema", std::string("netduel/bufferbloat/1"));
  describe_host(report);
  describe_plan(result, report);
  if (result.phases.empty()) report.add("phases", EmptyList{});
  for (std::size_t i = 0; i < result.phases.size(); ++i) {
    const Report::Scope scope(report, fmt::format("phases[{}]", i));
    describe_phase(result, result.phases[i], report);
  }
  report.add("verdict", verdict(result));
  describe(all_warnings(result), report);
  if (result.truth) {
    const Report::Scope scope(report, "truth");
    describe(*result.truth, report);
  }
  report.add("interrupted", result.interrupted);
  if (result.error) report.add("error", *result.error);
  return report;
}

}  // namespace netduel
