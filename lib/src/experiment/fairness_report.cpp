#include "experiment/fairness_report.hpp"

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/fairness_verdict.hpp"
#include "experiment/setting_report.hpp"
#include "experiment/summary.hpp"
#include "experiment/warnings.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

void describe_plan(const Fairness& fairness, Report& report) {
  const FairnessSpec& spec = fairness.spec;
  const Report::Scope scope(report, "plan");
  report.add("path", std::string("lab"));
  describe_lab(spec.lab, report);
  report.add("bottleneck_bits_per_second", spec.bottleneck_bits_per_second(), "bit/s");
  report.add("udp_bits_per_second", spec.udp_bits_per_second(), "bit/s");
  report.add("tcp_flows", std::uint64_t{spec.tcp.size()});
  report.add("udp_flows", std::uint64_t{spec.udp.size()});
  report.add("ip_version", std::uint64_t{spec.ip_version == IpVersion::v4 ? 4u : 6u});
  report.add("message_octets", std::uint64_t{spec.message_length()}, "octets");
  report.add("time_seconds", seconds(spec.times.phase), "s");
  report.add("interval_seconds", seconds(spec.times.interval), "s");
  report.add("settling_seconds", seconds(spec.times.settling), "s");
  report.add("seed", spec.seed);
  describe_processors(fairness.processors, report);
}

/// Which of the flows it is; the same for phases, intervals and the flows themselves.
void describe_name(const Fairness& fairness, std::size_t flow, Report& report) {
  const FairnessFlow& of = fairness.flows[flow];
  report.add("flow", std::uint64_t{flow});
  report.add("transport", std::string(carrier(of.transport).name));
  report.add_optional("congestion", of.congestion_in_use());
}

void describe_phase(const Fairness& fairness, const PhaseFigures& phase, Report& report) {
  report.add("name", std::string(name_of(phase.phase)));
  report.add("seconds", phase.seconds, "s");
  std::size_t index = 0;
  for (const PhaseFlow& one : phase.flows) {
    const Report::Scope scope(report, fmt::format("flows[{}]", index++));
    describe_name(fairness, one.flow, report);
    report.add_optional("goodput_bits_per_second", one.goodput, "bit/s");
    report.add_optional("share_ratio", one.share, "ratio");
    report.add_optional("loss_ratio", loss_ratio(fairness.flows[one.flow]), "ratio");
    report.add_optional("retransmitted_segments", one.retransmitted_segments);
  }
  const auto flows = fairness.transports();
  report.add_optional("tcp_goodput_bits_per_second", goodput_of(Transport::tcp, phase, flows),
                      "bit/s");
  report.add_optional("udp_goodput_bits_per_second", goodput_of(Transport::udp, phase, flows),
                      "bit/s");
  report.add_optional("jain_index", phase.jain_index);
  report.add_optional("queue_seconds", phase.queue_median_seconds, "s");
  report.add_optional("queue_max_seconds", phase.queue_largest_seconds, "s");
  report.add_optional("bottleneck_busy_ratio", phase.busy_ratio, "ratio");
}

/// What was missing of what had come or was missing; absent for what is guaranteed.
std::optional<double> loss_ratio(Transport transport, const FlowProgress& progress) {
  const auto due = static_cast<double>(progress.messages + progress.lost);
  if (carrier(transport).guaranteed || due <= 0) return std::nullopt;
  return static_cast<double>(progress.lost) / due;
}

void describe_interval(const Fairness& fairness, const FairnessInterval& interval, Report& report) {
  report.add("phase", std::string(name_of(interval.phase)));
  report.add("settling", interval.settling);
  report.add("start_seconds", seconds(interval.start), "s");
  report.add("seconds", interval.seconds(), "s");
  std::size_t index = 0;
  for (std::size_t i = 0; i < fairness.flows.size(); ++i) {
    const Transport transport = fairness.flows[i].transport;
    if (!takes_part(transport, interval.phase)) continue;
    const Report::Scope scope(report, fmt::format("flows[{}]", index++));
    describe_name(fairness, i, report);
    report.add_optional("goodput_bits_per_second", interval.goodput(i), "bit/s");
    report.add_optional("loss_ratio", loss_ratio(transport, interval.flows[i]), "ratio");
    report.add_optional("retransmitted_segments", interval.flows[i].retransmitted_segments);
  }
  report.add_optional("queue_seconds", queue_seconds(interval), "s");
}

void describe_flow(const Fairness& fairness, std::size_t flow, Report& report) {
  const FairnessFlow& of = fairness.flows[flow];
  describe_name(fairness, flow, report);
  if (!of.trial) {
    report.add_optional("offered_bits_per_second", of.bits_per_second, "bit/s");
    report.add("ledger", Absent{});
    return;
  }
  const auto& link = of.trial->link;
  report.add_optional("flow_ordinal", link ? std::optional(link->ordinal) : std::nullopt);
  describe_trial(of.trial->result, report);
}

void describe_summary(const Fairness& fairness, Report& report) {
  const FairnessSummary summary = summarize(fairness);
  const Report::Scope scope(report, "summary");
  report.add_optional("udp_goodput_bits_per_second", summary.udp_goodput, "bit/s");
  report.add_optional("udp_kept_ratio", summary.udp_kept_ratio, "ratio");
  report.add_optional("tcp_goodput_bits_per_second.tcp_alone", summary.tcp_alone, "bit/s");
  report.add_optional("tcp_goodput_bits_per_second.udp_joins", summary.tcp_beside_udp, "bit/s");
  report.add_optional("tcp_goodput_bits_per_second.udp_leaves", summary.tcp_after, "bit/s");
  report.add_optional("tcp_fell_to_ratio", summary.tcp_fell_to_ratio, "ratio");
  report.add_optional("tcp_recovered_to_ratio", summary.tcp_recovered_to_ratio, "ratio");
}

/// `name[n]` for each of a list, or an empty one.
template <class List, class Describe>
void describe_list(const std::string& name, const List& list, Report& report, Describe describe) {
  if (list.empty()) report.add(name, EmptyList{});
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Report::Scope scope(report, fmt::format("{}[{}]", name, i));
    describe(i);
  }
}

}  // namespace

Report describe(const Fairness& fairness) {
  Report report;
  report.add("schema", std::string("netduel/fairness/1"));
  describe_host(report);
  describe_plan(fairness, report);
  const auto phases = fairness.phases();
  describe_list("phases", phases, report,
                [&](std::size_t i) { describe_phase(fairness, phases[i], report); });
  describe_list("intervals", fairness.intervals, report,
                [&](std::size_t i) { describe_interval(fairness, fairness.intervals[i], report); });
  describe_list("flows", fairness.flows, report,
                [&](std::size_t i) { describe_flow(fairness, i, report); });
  describe_summary(fairness, report);
  report.add("verdict", verdict(fairness));
  describe(warnings(fairness), report);
  report.add("interrupted", fairness.interrupted);
  if (fairness.error) report.add("error", *fairness.error);
  return report;
}

}  // namespace netduel
