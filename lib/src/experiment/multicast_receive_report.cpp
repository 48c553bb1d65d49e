#include "experiment/multicast_receive_report.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/setting_report.hpp"
#include "experiment/summary.hpp"

namespace netduel {
namespace {

std::string in_hexadecimal(std::uint64_t id) {
  return fmt::format("{:016x}", id);
}

Value text_or_absent(const std::string& text) {
  return text.empty() ? Value(Absent{}) : Value(text);
}

void describe_plan(const MulticastReception& reception, Report& report) {
  const GroupReceiveSpec& spec = reception.spec;
  const Report::Scope scope(report, "plan");
  report.add("group", spec.group.to_string());
  report.add("interface", text_or_absent(spec.interface));
  report.add("source", spec.source ? Value(spec.source->address_to_string()) : Value(Absent{}));
  report.add("receivers", std::uint64_t{reception.receivers});
  report.add("streams", std::uint64_t{spec.streams});
  report.add("reports", spec.reports);
  report.add("format", std::string(spec.format == MessageFormat::probe ? "netduel" : "iperf2"));
  report.add_optional("time_seconds", seconds(spec.time), "s");
  report.add("drain_seconds", seconds(spec.drain), "s");
  report.add_optional("window_octets", spec.window_octets, "octets");
}

/// As a comparison's document has them, but for what needs one clock at both ends.
void describe_figures(const ReceivedStream& stream, Report& report) {
  const StreamMeter& meter = stream.report.meter;
  report.add_optional("goodput_bits_per_second", goodput_bits_per_second(stream), "bit/s");
  meter.get<IntervalThroughput>().describe(report);
  describe(stream.ledger, report);
  describe(stream.report.integrity, report);
  Summary summary;
  summary.ledger = stream.ledger;
  summary.loss_periods = meter.get<LossPeriods>();
  summary.reordering = meter.get<Reordering>();
  summary.duplication = meter.get<Duplication>();
  describe_reliability(summary, report);
  if (stream.source.is_loopback()) {
    meter.get<Delay>().describe(report);
  } else {
    report.add("delay_seconds", Absent{});
    report.add("arrival_delay_seconds", Absent{});
  }
  meter.get<DelayVariation>().describe(report);
}

void describe(const ReceivedStream& stream, Report& report) {
  report.add("id", stream.stream == 0 ? Value(Absent{}) : Value(in_hexadecimal(stream.stream)));
  report.add("source", stream.source.to_string());
  report.add("announced", stream.announcement.has_value());
  report.add("closed", stream.is_closed());
  // A format whose last message says that it is says nothing else.
  const bool told = stream.closing && stream.stream != 0;
  report.add("interrupted_by_its_sender",
             told ? Value(stream.closing->interrupted) : Value(Absent{}));
  report.add("joined_before_the_stream", stream.joined_before_the_stream);
  report.add("counted_from", stream.counted_from);
  report.add("before_joining", before_joining(stream));
  report.add_optional("join_latency_seconds", seconds(stream.join_latency), "s");
  report.add_optional("hop_limit", stream.hop_limit);
  report.add_optional(
      "message_octets",
      stream.announcement ? std::optional(stream.announcement->message_octets) : std::nullopt,
      "octets");
  report.add_optional(
      "messages_per_second",
      stream.announcement ? std::optional(stream.announcement->messages_per_second) : std::nullopt,
      "1/s");
  report.add_optional("sending_seconds",
                      told ? std::optional(seconds(stream.closing->sending)) : std::nullopt, "s");
  describe_figures(stream, report);
}

void describe(const GroupReception& reception, Report& report) {
  report.add("name", reception.name);
  report.add("id", in_hexadecimal(reception.id));
  report.add("local", reception.local.to_string());
  if (reception.streams.empty()) report.add("streams", EmptyList{});
  for (std::size_t n = 0; n < reception.streams.size(); ++n) {
    const Report::Scope scope(report, fmt::format("streams[{}]", n));
    describe(reception.streams[n], report);
  }
  report.add("foreign", reception.foreign);
  report.add("reports_sent", reception.reports_sent);
  report.add_optional("failure", reception.failure);
}

void describe(const SilenceDiagnosis& diagnosis, Report& report) {
  const Report::Scope scope(report, "diagnosis");
  const os::MulticastState& state = diagnosis.state;
  report.add("after_seconds", seconds(diagnosis.after), "s");
  report.add("interface", text_or_absent(state.interface));
  report.add_optional("interface_is_up", state.up);
  report.add_optional("interface_has_carrier", state.has_carrier);
  report.add_optional("interface_takes_multicast", state.takes_multicast);
  if (!state.members_known) {
    report.add("members", Absent{});
  } else if (state.members.empty()) {
    report.add("members", EmptyList{});
  }
  for (std::size_t n = 0; n < state.members.size(); ++n) {
    const Report::Scope member(report, fmt::format("members[{}]", n));
    report.add("interface", state.members[n].interface);
    report.add_optional("igmp_version", state.members[n].version);
    report.add_optional("including_sources", state.members[n].including_sources);
  }
  report.add_optional("rp_filter_interface", state.rp_filter_interface);
  report.add_optional("rp_filter_all", state.rp_filter_all);
  report.add("anything_heard", diagnosis.anything_heard);
  report.add_optional("hop_limit", diagnosis.hop_limit);
  report.add_optional("querier_heard", diagnosis.querier_heard);
  report.add_optional("bridge_snoops", state.bridge_snoops);
  report.add_optional("bridge_queries", state.bridge_queries);
}

/// Each kind once, with how often.
struct Tally {
  std::size_t unclosed = 0;
  std::size_t unannounced = 0;
  std::size_t unbalanced = 0;
  std::size_t deaf = 0;
  std::size_t streams = 0;
  std::uint64_t lost_in_host = 0;
  bool buffer_cut = false;
  std::string failed_check;
};

Tally tally(const MulticastReception& reception) {
  Tally all;
  for (const GroupReception& one : reception.receptions) {
    if (one.streams.empty()) ++all.deaf;
    for (const ReceivedStream& stream : one.streams) {
      ++all.streams;
      if (!stream.is_closed()) ++(stream.announcement ? all.unclosed : all.unannounced);
      if (stream.ledger.lost_in_host) all.lost_in_host += stream.ledger.lost_in_host->high;
      all.buffer_cut = all.buffer_cut || stream.report.socket.receive_buffer.cut;
      for (const Check& check : stream.ledger.checks) {
        if (check.passed) continue;
        ++all.unbalanced;
        if (all.failed_check.empty()) all.failed_check = check.detail;
      }
    }
  }
  return all;
}

}  // namespace

bool is_source_specific(const Endpoint& group) {
  const auto& octets = group.address_octets();
  if (group.version() == IpVersion::v4) return octets[0] == 232;
  return octets[0] == 0xff && (octets[1] & 0xf0U) == 0x30 && octets[2] == 0 && octets[3] == 0;
}

std::uint64_t before_joining(const ReceivedStream& stream) {
  return stream.joined_before_the_stream ? 0 : stream.counted_from;
}

std::optional<double> goodput_bits_per_second(const ReceivedStream& stream) {
  const auto& throughput = stream.report.meter.get<Throughput>();
  const std::uint64_t messages = stream.report.counts.unique;
  if (messages < 2 || !throughput.first_read() || !throughput.last_read()) return std::nullopt;
  const double elapsed = seconds(*throughput.last_read() - *throughput.first_read());
  if (elapsed <= 0) return std::nullopt;
  // The first message came when the time began.
  const double share = static_cast<double>(messages - 1) / static_cast<double>(messages);
  return 8.0 * static_cast<double>(throughput.unique_octets()) * share / elapsed;
}

Report describe(const MulticastReception& reception) {
  Report report;
  report.add("schema", std::string("netduel/multicast/1"));
  report.add("role", std::string("receive"));
  describe_host(report);
  describe_plan(reception, report);
  if (reception.receptions.empty()) report.add("receivers", EmptyList{});
  for (std::size_t n = 0; n < reception.receptions.size(); ++n) {
    const Report::Scope scope(report, fmt::format("receivers[{}]", n));
    describe(reception.receptions[n], report);
  }
  if (reception.diagnosis) {
    describe(*reception.diagnosis, report);
  } else {
    report.add("diagnosis", Absent{});
  }
  describe(warnings(reception), report);
  report.add("interrupted", reception.interrupted);
  report.add_optional("error", reception.error);
  return report;
}

std::vector<Warning> warnings(const MulticastReception& reception) {
  std::vector<Warning> found;
  const GroupReceiveSpec& spec = reception.spec;
  const Tally all = tally(reception);
  if (spec.group.is_multicast() && !spec.source && is_source_specific(spec.group)) {
    found.push_back({"any_source_of_a_source_specific_group",
                     fmt::format("{} is for source-specific multicast (RFC 4607), and routers pass "
                                 "nothing on to who names no source; --source ADDRESS names it.",
                                 spec.group.address_to_string())});
  }
  if (all.unclosed > 0) {
    found.push_back({"not_closed",
                     fmt::format("{} of {} streams ended without a word of how many messages they "
                                 "held: losses at their end are not known, and what is shown is "
                                 "the least.",
                                 all.unclosed, all.streams)});
  }
  // iperf 2 announces nothing.
  if (all.unannounced > 0 && spec.format == MessageFormat::probe) {
    found.push_back(
        {"not_announced",
         fmt::format("{} of {} streams were never announced: which messages came before "
                     "the first and behind the last that was heard nobody told.",
                     all.unannounced, all.streams)});
  }
  if (all.deaf > 0 && all.deaf < reception.receptions.size()) {
    found.push_back({"heard_nothing", fmt::format("{} of {} receivers heard no stream at all.",
                                                  all.deaf, reception.receptions.size())});
  }
  if (all.lost_in_host > 0) {
    found.push_back({"lost_in_host",
                     fmt::format("Up to {} messages were lost in this host, because receivers were "
                                 "too slow for a while; larger buffers (-w 4M) or fewer receivers "
                                 "help.",
                                 all.lost_in_host)});
  }
  if (all.buffer_cut) {
    found.push_back({"receive_buffer_cut",
                     "The system granted smaller receive buffers than were asked for; "
                     "net.core.rmem_max limits them."});
  }
  if (all.unbalanced > 0) {
    found.push_back({"check_failed", all.failed_check});
  }
  return found;
}

}  // namespace netduel
