#include "client_text.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "delay_text.hpp"
#include "experiment/corruption.hpp"
#include "experiment/test_figures.hpp"
#include "experiment/test_report.hpp"
#include "experiment/test_warnings.hpp"
#include "iperf3_figures.hpp"
#include "netduel/base/units.hpp"
#include "printable.hpp"
#include "session/path_mtu.hpp"
#include "stream_halves.hpp"

namespace netduel::tool {
namespace {

constexpr auto separator = "- - - - - - - - - - - - - - - - - - - - - - - - -\n";

bool is_udp(const TestRecord& record) {
  return record.parameters.transport == Transport::udp;
}
bool has_roles(const TestRecord& record) {
  return record.parameters.direction == TestDirection::both;
}
std::string role(const TestRecord& record, bool sends) {
  if (!has_roles(record)) return {};
  return sends ? "[TX-C]" : "[RX-C]";
}
std::string row(const std::string& id, const TestRecord& record, bool sends,
                const std::string& span, double octets, double seconds, char unit) {
  const double rate = seconds > 0 ? 8 * octets / seconds : 0;
  return fmt::format("[{:>3}]{} {}  {}  {}", id, role(record, sends), span, transfer_text(octets),
                     rate_text(rate, unit));
}
std::string head(const TestRecord& record, std::string_view more) {
  return fmt::format("[ ID]{} Interval           Transfer     Bitrate{}{}\n",
                     has_roles(record) ? "[Role]" : "", more.empty() ? "" : "         ", more);
}

double in_seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}
double omitted_seconds(const TestRecord& record) {
  return in_seconds(record.parameters.netduel ? record.parameters.netduel->omit
                                              : std::chrono::nanoseconds(record.parameters.omit));
}

/// What a stream counted within an interval, or all streams of a direction did.
struct Step {
  std::uint64_t octets = 0;
  std::uint64_t messages = 0;
  std::int64_t lost = 0;
  double jitter_seconds = 0;
  std::optional<std::uint64_t> retransmits;
  std::optional<std::uint64_t> window_octets;
};

std::optional<std::uint64_t> retransmits(const IntervalMark& mark, std::size_t stream) {
  if (stream >= mark.tcp.size() || !mark.tcp[stream]) return std::nullopt;
  return mark.tcp[stream]->retransmitted_segments;
}

Step step(const IntervalMark& now, const IntervalMark* before, std::size_t stream) {
  const LiveFigures& to = now.streams[stream];
  const LiveFigures from = before != nullptr ? before->streams[stream] : LiveFigures{};
  Step step;
  step.octets = to.octets - from.octets;
  step.messages = to.messages - from.messages;
  // What comes late is lost no longer.
  step.lost = static_cast<std::int64_t>(to.lost) - static_cast<std::int64_t>(from.lost);
  step.jitter_seconds = in_seconds(to.jitter);
  if (const auto again = retransmits(now, stream)) {
    const std::uint64_t earlier =
        before != nullptr ? retransmits(*before, stream).value_or(0) : std::uint64_t{0};
    step.retransmits = *again - std::min(*again, earlier);
    step.window_octets = now.tcp[stream]->congestion_window_octets;
  }
  return step;
}

std::string columns_behind(const TestRecord& record, bool sends, const Step& step, bool sum) {
  if (is_udp(record)) {
    if (sends) return fmt::format("  {}", step.messages);
    const auto all = static_cast<std::int64_t>(step.messages) + step.lost;
    return fmt::format(
        "  {:5.3f} ms  {}", 1e3 * step.jitter_seconds,
        lost_text(step.lost, static_cast<std::uint64_t>(std::max<std::int64_t>(all, 0))));
  }
  if (!step.retransmits) return {};
  std::string text = fmt::format("  {:>3}", *step.retransmits);
  if (!sum && step.window_octets) {
    text += "   " + window_text(static_cast<double>(*step.window_octets));
  }
  return text;
}

std::string interval_head(const TestRecord& record) {
  const bool sends = record.parameters.direction != TestDirection::reverse;
  if (!is_udp(record)) return head(record, sends ? "Retr  Cwnd" : "");
  if (has_roles(record)) return head(record, "Total Datagrams, or Jitter and Lost/Total Datagrams");
  return head(record, sends ? "Total Datagrams" : "Jitter    Lost/Total Datagrams");
}

void add(Step& sum, const Step& step) {
  sum.octets += step.octets;
  sum.messages += step.messages;
  sum.lost += step.lost;
  sum.jitter_seconds += step.jitter_seconds;
  if (step.retransmits) sum.retransmits = sum.retransmits.value_or(0) + *step.retransmits;
}

/// One end of a stream when all is over; `sends`: whether we were the sender.
std::string end_row(const std::string& id, const TestRecord& record, bool sends,
                    const StreamHalf& half, bool is_sender, char unit) {
  std::string text = row(id, record, sends, span_text(0, half.seconds),
                         static_cast<double>(half.octets), half.seconds, unit);
  if (is_udp(record)) {
    text += fmt::format("  {:5.3f} ms  {}", 1e3 * half.jitter_seconds,
                        lost_text(half.lost, half.datagrams));
  } else if (is_sender && half.retransmits) {
    text += fmt::format("  {:>3}", *half.retransmits);
  } else {
    text += "     ";
  }
  return text + (is_sender ? "  sender\n" : "  receiver\n");
}

std::string id_of(const StreamRecord& stream) {
  return std::to_string(stream.handle >= 0 ? stream.handle : stream.id);
}

std::string ends_of_streams(const TestRecord& record, bool sends, char unit) {
  std::string text;
  std::optional<StreamHalf> sent;
  std::optional<StreamHalf> received;
  std::size_t streams = 0;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const StreamRecord& stream = record.streams[i];
    if (stream.sends != sends) continue;
    ++streams;
    for (const bool is_sender : {true, false}) {
      const auto half = is_sender ? sending_half(record, i) : receiving_half(record, i);
      if (!half) continue;
      text += end_row(id_of(stream), record, sends, *half, is_sender, unit);
      auto& sum = is_sender ? sent : received;
      if (!sum) sum.emplace();
      sum->add(*half);
    }
  }
  if (streams < 2) return text;
  for (const bool is_sender : {true, false}) {
    auto& sum = is_sender ? sent : received;
    if (!sum) continue;
    sum->jitter_seconds /= static_cast<double>(streams);
    text += end_row("SUM", record, sends, *sum, is_sender, unit);
  }
  return text;
}

std::string bounds(const std::optional<Bounds>& lost) {
  if (!lost) return "0";
  if (lost->low == lost->high) return format_count(lost->low);
  return format_count(lost->low) + " to " + format_count(lost->high);
}

/// Where the messages of a stream ended up, in a sentence.
std::string ledger_text(const std::string& who, const Ledger& ledger) {
  std::string text = fmt::format("{}: {} messages offered = {} refused + {} sent", who,
                                 format_count(ledger.offered), format_count(ledger.refused),
                                 format_count(ledger.sent));
  if (ledger.guaranteed_by_service) {
    text += fmt::format("; {} delivered", format_count(ledger.delivered));
    if (ledger.corrupted > 0) text += fmt::format(", {} corrupted", format_count(ledger.corrupted));
    if (ledger.unacknowledged > 0) {
      text += fmt::format(", {} not read to the end", format_count(ledger.unacknowledged));
    }
  } else {
    text += fmt::format("; sent = {} delivered + {} lost in the receiving host + {} lost elsewhere",
                        format_count(ledger.delivered), bounds(ledger.lost_in_host),
                        bounds(ledger.lost_elsewhere));
  }
  text += '\n';
  if (ledger.skipped > 0) {
    text += fmt::format("{}: {} more were due but not offered: this end was too slow\n", who,
                        format_count(ledger.skipped));
  }
  if (ledger.reordered || ledger.duplicates) {
    text += fmt::format("{}: {} reordered, {} duplicates\n", who,
                        format_count(ledger.reordered.value_or(0)),
                        format_count(ledger.duplicates.value_or(0)));
  }
  for (const Check& check : ledger.checks) {
    if (!check.passed)
      text += fmt::format("{}: check failed: {}: {}\n", who, check.name, check.detail);
  }
  return text;
}

/// Whether a ledger is the one that the emulated link keeps. Failed checks are told with the
/// ledger.
std::string link_text(const std::string& who, const LinkFlow& link, const Ledger& ledger) {
  if (ledger.guaranteed_by_service) return {};
  if (!link.figures) {
    return fmt::format("{}: not held against the link's own count: {}\n", who, link.undecided);
  }
  const bool agrees = std::ranges::all_of(ledger.checks, &Check::passed);
  return fmt::format(
      "{}: the link itself counted {} dropped, {} duplicated, {} reordered, {} corrupted: {}\n",
      who, format_count(link.figures->dropped), format_count(link.figures->duplicated),
      format_count(link.figures->reordered), format_count(link.figures->corrupted),
      agrees ? "the ledger agrees" : "the ledger does not agree");
}

std::string integrity_text(const std::string& who, const ReceiverReport* receiver) {
  if (receiver == nullptr || !receiver->integrity) return {};
  const IntegrityCounts& found = *receiver->integrity;
  std::string text = fmt::format("{}: {} messages verified by CRC32C, {} corrupted", who,
                                 format_count(found.verified), format_count(found.corrupted()));
  if (found.corrupted() > 0) text += fmt::format(" ({})", damage_in_words(found));
  return text + '\n';
}

std::string ledgers_text(const TestRecord& record) {
  std::string text;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const auto ledger = ledger_of(record, i);
    if (!ledger) continue;
    const StreamRecord& stream = record.streams[i];
    const std::string who = fmt::format("[{:>3}]{}", id_of(stream), role(record, stream.sends));
    text += ledger_text(who, *ledger);
    text += integrity_text(who, receiver_report(record, i));
    if (stream.link) text += link_text(who, *stream.link, *ledger);
  }
  return text.empty() ? text : '\n' + text;
}

std::string warnings_text(const TestRecord& record) {
  std::string text;
  for (const Warning& warning : warnings_of(record)) {
    text += fmt::format("warning: {}\n", warning.text);
  }
  return text;
}

/// What the headers of a message cost on Ethernet.
std::string overhead_text(const TestRecord& record) {
  HeaderStack stack;
  stack.transport = record.parameters.transport;
  stack.ip_version = record.remote.version();
  stack.mtu_octets = usual_mtu_unless_known(record.control_info.path_mtu_octets);
  if (record.control_info.timestamps == false) stack.tcp_options_octets = 0;
  const std::size_t length = record.parameters.length;
  if (length == 0) return {};
  const StreamCost cost = packed_stream_cost(stack, length);
  return fmt::format(
      "Headers: {} octets of {} and IP for each message of {} octets with an MTU of {}; {:.1f} % "
      "of "
      "an Ethernet's octets are payload\n",
      format_number(cost.header_octets_per_message), is_udp(record) ? "UDP" : "TCP", length,
      stack.mtu_octets, 100.0 * static_cast<double>(length) / cost.wire_octets_per_message);
}

std::string processors_text(const TestRecord& record) {
  std::string text = fmt::format("CPU: {:.1f} % here", record.ours.cpu_total);
  if (record.theirs) text += fmt::format(", {:.1f} % at the server", record.theirs->cpu_total);
  return text + '\n';
}

std::string end_of(const TestParameters& parameters) {
  if (parameters.octets > 0) return format_octets(parameters.octets) + " to send";
  if (parameters.blocks > 0) return format_count(parameters.blocks) + " messages to send";
  return fmt::format("{} s",
                     in_seconds(parameters.netduel ? parameters.netduel->time
                                                   : std::chrono::nanoseconds(parameters.time)));
}

}  // namespace

std::string connecting_text(const std::string& host, const ClientSpec& spec) {
  std::string text = fmt::format("Connecting to host {}, port {}\n", host, spec.server.port());
  if (spec.parameters.direction == TestDirection::reverse) {
    text += fmt::format("Reverse mode, remote host {} is sending\n", host);
  }
  return text;
}

std::string own_ends_text(const ClientOptions& options) {
  return fmt::format("Both ends run here, {} over {}, seed {}\n",
                     options.ip_version == IpVersion::v6 ? "IPv6" : "IPv4",
                     path_in_words(options.path.lab), options.spec.parameters.netduel->seed);
}

std::string began_text(const TestRecord& record, const TextFormat& format) {
  std::string text;
  const TestParameters& parameters = record.parameters;
  if (format.verbose) {
    text += record.terms
                ? fmt::format("The server is netduel {}\n", printable(record.terms->version))
                : std::string("The server speaks plain iperf3\n");
    text += fmt::format("Cookie: {}\n", record.cookie);
    text += fmt::format(
        "Starting test: protocol: {}, {} streams, {} octet blocks, omitting {} s, {}, tos {}\n",
        is_udp(record) ? "UDP" : "TCP", parameters.parallel, parameters.length,
        omitted_seconds(record), end_of(parameters), parameters.traffic_class.value_or(0));
  }
  NativeHandle last = -1;
  for (const StreamRecord& stream : record.streams) {
    // Both directions of one connection.
    if (stream.handle >= 0 && stream.handle == last) continue;
    last = stream.handle;
    text += fmt::format("[{:>3}] local {} port {} connected to {} port {}\n", id_of(stream),
                        stream.local.address_to_string(), stream.local.port(),
                        stream.remote.address_to_string(), stream.remote.port());
  }
  return text + interval_head(record);
}

std::string interval_text(const TestRecord& record, const TextFormat& format) {
  const IntervalMark& now = record.intervals.back();
  const std::size_t count = record.intervals.size();
  const IntervalMark* const before = count > 1 ? &record.intervals[count - 2] : nullptr;
  // Time begins anew when the omitted time is over.
  const double shift = now.omitted ? 0 : omitted_seconds(record);
  const double from = std::max(0.0, (before != nullptr ? in_seconds(before->at) : 0.0) - shift);
  const double to = in_seconds(now.at) - shift;
  const double seconds =
      in_seconds(now.at - (before != nullptr ? before->at : std::chrono::nanoseconds{}));
  const std::string span = span_text(from, to);
  const std::string omitted = now.omitted ? "  (omitted)" : "";
  std::string text;
  for (const bool sends : {true, false}) {
    Step sum;
    std::size_t streams = 0;
    for (std::size_t i = 0; i < record.streams.size() && i < now.streams.size(); ++i) {
      const StreamRecord& stream = record.streams[i];
      if (stream.sends != sends) continue;
      const Step one = step(now, before, i);
      text += row(id_of(stream), record, sends, span, static_cast<double>(one.octets), seconds,
                  format.unit) +
              columns_behind(record, sends, one, false) + omitted + '\n';
      add(sum, one);
      ++streams;
    }
    if (streams < 2) continue;
    sum.jitter_seconds /= static_cast<double>(streams);
    text += row("SUM", record, sends, span, static_cast<double>(sum.octets), seconds, format.unit) +
            columns_behind(record, sends, sum, true) + omitted + '\n';
  }
  if (record.streams.size() > 1) text += separator;
  return text;
}

std::string summary_text(const TestRecord& record, const TextFormat& format) {
  if (record.streams.empty() || !record.streams_reported) return {};
  std::string text = separator;
  text += head(record, is_udp(record) ? "Jitter    Lost/Total Datagrams" : "Retr");
  for (const bool sends : {true, false}) text += ends_of_streams(record, sends, format.unit);
  text += ledgers_text(record);
  text += delays_text(record);
  if (format.verbose) {
    text += clock_text(record);
    text += overhead_text(record);
    text += processors_text(record);
  }
  if (record.interrupted) text += "Interrupted: the figures are of what had run until then.\n";
  text += warnings_text(record);
  if (record.theirs && record.theirs->server_output_text) {
    text += "\nServer output:\n" + *record.theirs->server_output_text + '\n';
  } else if (record.theirs && record.theirs->server_output_json) {
    text += "\nServer output:\n" + *record.theirs->server_output_json + '\n';
  }
  return text;
}

}  // namespace netduel::tool
