#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "experiment/summary.hpp"
#include "experiment/test_figures.hpp"
#include "experiment/test_report.hpp"
#include "experiment/test_report_parts.hpp"
#include "experiment/warnings.hpp"
#include "netduel/base/units.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/wire/overhead.hpp"

namespace netduel {
namespace {

/// From where on a loss in the receiving host is worth a word.
constexpr double worth_a_word = 0.01;

std::string_view name_of(MessageFormat format) {
  switch (format) {
    case MessageFormat::probe:
      return "probe";
    case MessageFormat::datagram_32:
      return "datagram_32";
    case MessageFormat::datagram_64:
      return "datagram_64";
    case MessageFormat::opaque:
      break;
  }
  return "opaque";
}

/// What a comparison's trials have, of one stream or of several.
struct Known {
  Summary summary;
  bool has_ledger = false;
  std::optional<std::uint64_t> retransmits;
};

Known known_of(const TestRecord& record, const std::vector<std::size_t>& streams) {
  Known known;
  std::vector<Ledger> ledgers;
  std::vector<double> jitters;
  for (const std::size_t i : streams) {
    if (const auto again = figures_of(record, i).retransmits) {
      known.retransmits = known.retransmits.value_or(0) + *again;
    }
    auto ledger = ledger_of(record, i);
    if (!ledger) continue;
    ledgers.push_back(*std::move(ledger));
    const StreamMeter& meter = receiver_report(record, i)->meter;
    known.summary.loss_periods.merge(meter.get<LossPeriods>());
    known.summary.reordering.merge(meter.get<Reordering>());
    known.summary.duplication.merge(meter.get<Duplication>());
    known.summary.delay.merge(meter.get<Delay>());
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
  if (known.has_ledger && one_clock(record)) {
    known.summary.delay.describe(report);
  } else {
    report.add("delay_seconds", Absent{}, "s");
    report.add("arrival_delay_seconds", Absent{}, "s");
  }
  describe_delay_variation(report, known.summary.pdv, known.summary.ipdv,
                           known.summary.jitter_rfc3550);
  if (record.parameters.transport == Transport::tcp) {
    report.add_optional("retransmitted_segments", known.retransmits);
  }
}

/// Whether a datagram is more than the path takes at once; nullopt where nobody knows the path.
std::optional<bool> fragments(const TestRecord& record) {
  if (record.parameters.transport == Transport::tcp) return false;
  const auto mtu = record.control_info.path_mtu_octets;
  if (!mtu) return std::nullopt;
  const HeaderStack stack{
      .transport = Transport::udp, .ip_version = record.remote.version(), .mtu_octets = *mtu};
  return record.parameters.length > stack.largest_whole_payload();
}

void warn_of_loss_here(const Known& all, std::vector<Warning>& list) {
  const auto& lost = all.summary.ledger.lost_in_host;
  const std::uint64_t sent = all.summary.ledger.sent;
  if (!lost || sent == 0) return;
  const double share = static_cast<double>(lost->low) / static_cast<double>(sent);
  if (share < worth_a_word) return;
  list.push_back({"lost_in_receiving_host",
                  fmt::format("The receiver's own socket buffer had no room for {} of the "
                              "messages, which had already crossed the path. A larger buffer (-w "
                              "4M) or a lower rate (-b) helps.",
                              format_ratio(share))});
}

void warn_of_buffers(const TestRecord& record, std::vector<Warning>& list) {
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const auto* const sender = sender_report(record, i);
    const auto* const receiver = receiver_report(record, i);
    for (const BufferSize* const buffer : {sender ? &sender->socket.send_buffer : nullptr,
                                           receiver ? &receiver->socket.receive_buffer : nullptr}) {
      if (buffer == nullptr || !buffer->cut || !buffer->asked_octets) continue;
      const bool sends = sender != nullptr && buffer == &sender->socket.send_buffer;
      // The system counts twice what it grants, for its own bookkeeping.
      list.push_back({"buffer_granted_smaller",
                      fmt::format("Asked for a {} buffer of {}, the system granted {}. sysctl -w "
                                  "net.core.{}mem_max={} helps.",
                                  sends ? "send" : "receive", format_octets(*buffer->asked_octets),
                                  format_octets(buffer->granted_octets / 2), sends ? "w" : "r",
                                  *buffer->asked_octets)});
      return;
    }
  }
}

std::vector<Warning> warnings_of(const TestRecord& record, const Known& all) {
  std::vector<Warning> list;
  if (fragments(record).value_or(false)) {
    list.push_back({"datagrams_fragmented",
                    fmt::format("Datagrams of {} are more than the path takes at once ({} with "
                                "headers), so each is lost with any of its fragments. A smaller "
                                "length (-l) helps.",
                                format_octets(record.parameters.length),
                                format_octets(record.control_info.path_mtu_octets.value_or(0)))});
  }
  warn_of_loss_here(all, list);
  warn_of_buffers(record, list);
  if (all.has_ledger && !all.summary.ledger.balanced()) {
    list.push_back({"ledger_not_balanced",
                    "Not every message can be accounted for; the ledger's checks tell which."});
  }
  return list;
}

void describe(const std::vector<Warning>& warnings, Report& report) {
  if (warnings.empty()) report.add("warnings", EmptyList{});
  for (std::size_t i = 0; i < warnings.size(); ++i) {
    const Report::Scope scope(report, fmt::format("warnings[{}]", i));
    report.add("id", warnings[i].id);
    report.add("text", warnings[i].text);
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
  describe(all, record, report);
  describe(warnings_of(record, all), report);
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
