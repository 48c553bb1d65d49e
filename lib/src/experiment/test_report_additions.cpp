#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "experiment/clock_correction.hpp"
#include "experiment/summary.hpp"
#include "experiment/test_figures.hpp"
#include "experiment/test_report.hpp"
#include "experiment/test_report_parts.hpp"
#include "experiment/test_warnings.hpp"
#include "netduel/measure/paired.hpp"

namespace netduel {
namespace {

std::string_view name_of(MessageFormat format) {
  switch (format) {
    case MessageFormat::probe:
      return "probe";
    case MessageFormat::datagram_32:
      return "datagram_32";
    case MessageFormat::datagram_64:
      return "datagram_64";
    case MessageFormat::iperf2:
      return "iperf2";
    case MessageFormat::opaque:
      break;
  }
  return "opaque";
}

/// What a comparison's trials have, of one stream or of several.
struct Known {
  Summary summary;
  bool has_ledger = false;
  std::optional<ComparedDelay> delays;
  std::optional<std::uint64_t> retransmits;
};

Known known_of(const TestRecord& record, const std::vector<std::size_t>& streams) {
  Known known;
  known.delays = delays_of(record, streams);
  std::vector<Ledger> ledgers;
  std::vector<double> jitters;
  for (const std::size_t i : streams) {
    if (const auto again = figures_of(record, i).retransmits) {
      known.retransmits = known.retransmits.value_or(0) + *again;
    }
    auto ledger = ledger_of(record, i);
    if (!ledger) continue;
    ledgers.push_back(*std::move(ledger));
    add(known.summary.integrity, receiver_report(record, i)->integrity);
    const StreamMeter& meter = receiver_report(record, i)->meter;
    known.summary.loss_periods.merge(meter.get<LossPeriods>());
    known.summary.reordering.merge(meter.get<Reordering>());
    known.summary.duplication.merge(meter.get<Duplication>());
    const DelayVariation& variation = meter.get<DelayVariation>();
    known.summary.pdv.merge(variation.pdv());
    known.summary.ipdv.merge(variation.ipdv());
    if (const auto jitter = variation.jitter_rfc3550()) jitters.push_back(jitter->count());
  }
  known.has_ledger = !ledgers.empty();
  known.summary.ledger = sum(ledgers);
  if (const auto jitter = median(jitters)) {
    known.summary.jitter_rfc3550 = std::chrono::duration<double>(*jitter);
  }
  return known;
}

void describe(const Known& known, const TestRecord& record, Report& report) {
  if (known.has_ledger) {
    describe(known.summary.ledger, report);
    report.add("guaranteed_by_service", known.summary.ledger.guaranteed_by_service);
    describe_reliability(known.summary, report);
  } else {
    report.add("ledger", Absent{});
    report.add("guaranteed_by_service", record.parameters.transport == Transport::tcp);
    describe_no_losses(report);
  }
  describe(known.summary.integrity, report);
  describe(known.delays, report);
  describe_delay_variation(report, known.summary.pdv, known.summary.ipdv,
                           known.summary.jitter_rfc3550);
  if (record.parameters.transport == Transport::tcp) {
    report.add_optional("retransmitted_segments", known.retransmits);
  }
}

}  // namespace

void describe_additions(const TestRecord& record, Report& report) {
  std::vector<std::size_t> streams;
  for (std::size_t i = 0; i < record.streams.size(); ++i) streams.push_back(i);
  const Known all = known_of(record, streams);
  report.add("schema", "netduel/test/1");
  report.add("version", NETDUEL_VERSION);
  report.add("peer_is_netduel", is_peer_netduel(record));
  report.add("message_format", std::string(name_of(message_format(record.parameters))));
  report.add("interrupted", record.interrupted);
  report.add_optional("fragments", fragments(record));
  describe_clock(record, report);
  describe(all, record, report);
  describe(warnings_of(record), report);
  if (streams.empty()) report.add("streams", EmptyList{});
  for (const std::size_t i : streams) {
    const Report::Scope scope(report, fmt::format("streams[{}]", i));
    report.add("id", static_cast<std::uint64_t>(std::max(0, record.streams[i].id)));
    report.add("sender", record.streams[i].sends);
    if (record.streams[i].link) report.add("flow_ordinal", record.streams[i].link->ordinal);
    describe(known_of(record, {i}), record, report);
  }
}

}  // namespace netduel
