#include "experiment/sweep_report.hpp"

#include <algorithm>
#include <chrono>
#include <string>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/setting_report.hpp"
#include "experiment/summary.hpp"
#include "experiment/sweep_warnings.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/measure/statistics.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

/// Short packets are padded; which ones were short is known where all of them had to be.
double wire_octets(const LinkCounts& counts) {
  const std::uint64_t padded =
      std::max(counts.octets_in, counts.packets_in * ethernet_minimum_payload_octets);
  return static_cast<double>(padded + counts.packets_in * ethernet_framing_octets);
}

std::optional<double> delivered_ratio(const Ledger& ledger) {
  if (ledger.offered == 0) return std::nullopt;
  return static_cast<double>(ledger.delivered) / static_cast<double>(ledger.offered);
}

std::uint64_t left_unsent(const SweepRow& row) {
  std::uint64_t left = 0;
  for (const TrialResult* trial : row.trials()) left += trial->sender.left_at_the_end;
  return left;
}

void describe_link(const FlowOnLink& link, Report& report) {
  const Report::Scope scope(report, "link");
  {
    const Report::Scope way(report, "a_to_b");
    describe(link.there, report);
  }
  const Report::Scope way(report, "b_to_a");
  describe(link.back, report);
}

void describe_figures(const SweepRow& row, const Summary& summary, Report& report) {
  const bool tcp = row.contender.transport == Transport::tcp;
  report.add("goodput_bits_per_second", median_interval(summary.goodputs), "bit/s");
  report.add_optional("delivered_ratio", delivered_ratio(summary.ledger), "ratio");
  report.add(
      "delivered_interval",
      tcp ? Value(Absent{}) : wilson_interval(summary.ledger.delivered, summary.ledger.offered),
      "ratio");
  summary.delay.describe(report);
  report.add_optional("retransmitted_segments",
                      tcp ? summary.retransmitted_segments : std::nullopt);
  report.add_optional("wire_octets_per_delivered_octet", wire_octets_per_delivered_octet(row),
                      "octets");
  report.add("unsent_at_the_end", left_unsent(row));
  describe(summary.ledger, report);
  describe(summary.integrity, report);
  report.add_optional("checksum_errors", summary.checksum_errors);
  describe_link(row.link, report);
}

void describe_row(const SweepRow& row, Report& report) {
  const auto trials = row.trials();
  const bool udp = row.contender.transport == Transport::udp;
  report.add("transport", std::string(carrier(row.contender.transport).name));
  report.add("congestion",
             udp || row.contender.congestion.empty() ? Value(Absent{}) : row.contender.congestion);
  report.add("trials", std::uint64_t{trials.size()});
  report.add("failed_trials", std::uint64_t{row.failures.size()});
  report.add("repeated_trials", std::uint64_t{row.repeated});
  report.add("disturbed_trials", std::uint64_t{row.disturbed});
  if (!trials.empty()) {
    describe_figures(row, summarize(trials), report);
    return;
  }
  for (const char* const key :
       {"goodput_bits_per_second", "delivered_ratio", "delivered_interval", "delay_seconds",
        "arrival_delay_seconds", "retransmitted_segments", "wire_octets_per_delivered_octet",
        "unsent_at_the_end", "ledger", "integrity", "checksum_errors", "link"}) {
    report.add(key, Absent{});
  }
}

void describe_plan(const Sweep& sweep, Report& report) {
  const SweepSpec& spec = sweep.spec;
  const CompareSpec& first = spec.points.front();
  const Report::Scope scope(report, "plan");
  report.add("path", std::string("lab"));
  report.add("ip_version", std::uint64_t{first.ip_version == IpVersion::v4 ? 4u : 6u});
  report.add("trials", std::uint64_t{spec.trials});
  report.add_optional("window_octets", first.window_octets, "octets");
  report.add("no_delay", first.no_delay);
  report.add("offload", first.offload);
  report.add("verify", first.verify);
  report.add("udp_checksum", first.udp_checksum);
  report.add("seed", spec.seed);
  describe_processors(sweep.processors, report);
}

void describe_axis(const SweepAxis& axis, Report& report) {
  const Report::Scope scope(report, "axis");
  report.add("name", axis.name);
  for (std::size_t n = 0; n < axis.values.size(); ++n) {
    report.add(fmt::format("values[{}]", n), axis.values[n]);
  }
}

void describe_point(const SweepPoint& point, Report& report) {
  // Every row's spec but for who sends is the point's.
  const CompareSpec& spec = point.rows.front().measured.spec;
  report.add("value", point.value);
  report.add("offered_bits_per_second", point.offered_bits_per_second, "bit/s");
  report.add("message_octets", std::uint64_t{spec.message_length()}, "octets");
  report.add("time_seconds", seconds(spec.trial_time()), "s");
  report.add("drain_seconds", seconds(spec.drain()), "s");
  describe_lab(*spec.lab, report);
  report.add("lab_trustworthy", point.truth ? Value(point.truth->trustworthy) : Absent{});
  for (std::size_t n = 0; n < point.rows.size(); ++n) {
    const Report::Scope scope(report, fmt::format("rows[{}]", n));
    describe_row(point.rows[n], report);
  }
}

}  // namespace

std::optional<double> wire_octets_per_delivered_octet(const SweepRow& row) {
  double delivered = 0;
  for (const TrialResult* trial : row.measured.of(Part::paced, row.contender.transport)) {
    delivered += static_cast<double>(trial->receiver.meter.get<Throughput>().unique_octets());
  }
  if (delivered <= 0 || row.link.there.packets_in == 0) return std::nullopt;
  return (wire_octets(row.link.there) + wire_octets(row.link.back)) / delivered;
}

Report describe(const Sweep& sweep) {
  Report report;
  report.add("schema", std::string("netduel/sweep/1"));
  describe_host(report);
  describe_plan(sweep, report);
  describe_axis(sweep.spec.axis, report);
  if (sweep.points.empty()) report.add("points", EmptyList{});
  for (std::size_t n = 0; n < sweep.points.size(); ++n) {
    const Report::Scope scope(report, fmt::format("points[{}]", n));
    describe_point(sweep.points[n], report);
  }
  describe(warnings(sweep), report);
  report.add("interrupted", sweep.interrupted);
  if (sweep.error) report.add("error", *sweep.error);
  return report;
}

}  // namespace netduel
