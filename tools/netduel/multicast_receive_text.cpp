#include "multicast_receive_text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "experiment/summary.hpp"
#include "netduel/base/units.hpp"
#include "printable.hpp"
#include "report/grid.hpp"
#include "report/table.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

constexpr std::size_t most_rows = 20;
constexpr std::size_t most_columns = 6;
constexpr std::size_t most_live_lines = 8;

using Cells = std::vector<std::vector<std::string>>;

std::string in_seconds(std::chrono::nanoseconds time) {
  return format_duration(seconds(time));
}

std::uint64_t missing(const Ledger& ledger) {
  return ledger.sent - std::min(ledger.sent, ledger.delivered);
}

std::string bounds_text(const std::optional<Bounds>& bounds) {
  if (!bounds) return "–";
  if (bounds->low == bounds->high) return format_count(bounds->low);
  return fmt::format("{}..{}", format_count(bounds->low), format_count(bounds->high));
}

/// `3 of 1 000 (0.3 %)`; of nothing: `–`.
std::string lost_text(std::uint64_t lost, std::uint64_t sent) {
  if (sent == 0) return "–";
  const double ratio = static_cast<double>(lost) / static_cast<double>(sent);
  return fmt::format("{} of {} ({})", format_count(lost), format_count(sent), format_ratio(ratio));
}

std::string stream_heading(const ReceivedStream& stream) {
  std::string text = "Stream ";
  if (stream.stream != 0) text += fmt::format("{:016x} ", stream.stream);
  text += "from " + stream.source.to_string();
  if (!stream.announcement) return text + ", never announced\n";
  const group::Announcement& announced = *stream.announcement;
  text += fmt::format(": messages of {}", format_octets(announced.message_octets));
  if (announced.messages_per_second > 0) {
    text +=
        " at " + format_bit_rate(8.0 * announced.message_octets * announced.messages_per_second);
  }
  if (announced.time.count() > 0) text += " for " + in_seconds(announced.time);
  if (announced.verified) text += ", verified";
  return text + '\n';
}

/// What was before the receiver came, and when it came.
std::string joining_text(const ReceivedStream& stream) {
  std::string text;
  if (before_joining(stream) > 0) {
    text += fmt::format(
        "It ran already: the {} messages before were not to come here, and are not counted.\n",
        format_count(before_joining(stream)));
  }
  if (!stream.closing) {
    text += "Its end was not heard: more may have been sent than is known here.\n";
  } else if (stream.closing->interrupted) {
    text += "Its sender was interrupted.\n";
  }
  return text;
}

std::string block(const GroupReception& receiver, const std::string& scope, const Report& report) {
  const ReceivedStream& stream = receiver.streams.front();
  std::vector<TableLine> lines = {
      {.label = "Sent", .metric = "ledger.sent"},
      {.label = "Delivered", .metric = "ledger.delivered"},
      {.label = "Lost", .metric = "loss_ratio"},
      {.label = "  in this host", .metric = "ledger.lost_in_host"},
      {.label = "  elsewhere", .metric = "ledger.lost_elsewhere"},
      {.label = "Reordered", .metric = "reordered"},
      {.label = "Duplicates", .metric = "duplicates"},
      {.label = "Corrupted", .metric = "ledger.corrupted"},
      {.label = "Goodput", .metric = "goodput_bits_per_second"},
      {.label = "Delay variation, 99 %", .metric = "pdv_seconds.p99"},
      {.label = "Jitter (RFC 3550)", .metric = "jitter_rfc3550_seconds"},
      {.label = "Join latency", .metric = "join_latency_seconds"},
      {.label = "TTL left", .metric = "hop_limit"}};
  if (!stream.join_latency) {
    std::erase_if(lines, [](const TableLine& line) { return line.label == "Join latency"; });
  }
  return stream_heading(stream) + joining_text(stream) +
         to_table(report, lines, {{.title = receiver.name, .scope = scope}},
                  {.bold = output_is_styled()});
}

/// A receiver's stream of one sender.
struct Got {
  const GroupReception* receiver = nullptr;
  const ReceivedStream* stream = nullptr;
};

std::vector<Endpoint> sources_of(const MulticastReception& reception) {
  std::vector<Endpoint> sources;
  for (const GroupReception& receiver : reception.receptions) {
    for (const ReceivedStream& stream : receiver.streams) {
      if (std::ranges::find(sources, stream.source) == sources.end()) {
        sources.push_back(stream.source);
      }
    }
  }
  return sources;
}

/// In messages, of one receiver and all that it heard, or of one sender.
struct Sum {
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  void add(const Ledger& ledger) {
    sent += ledger.sent;
    lost += missing(ledger);
  }
};

Sum sum_of(const GroupReception& receiver, const std::optional<Endpoint>& source = {}) {
  Sum sum;
  for (const ReceivedStream& stream : receiver.streams) {
    if (!source || stream.source == *source) sum.add(stream.ledger);
  }
  return sum;
}

bool heard(const GroupReception& receiver, const Endpoint& source) {
  return std::ranges::any_of(receiver.streams,
                             [&](const ReceivedStream& stream) { return stream.source == source; });
}

/// Those that lost most first, and what heard nothing before them.
std::vector<const GroupReception*> worst_first(const MulticastReception& reception) {
  std::vector<const GroupReception*> order;
  for (const GroupReception& receiver : reception.receptions) order.push_back(&receiver);
  const auto badness = [](const GroupReception* receiver) {
    const Sum sum = sum_of(*receiver);
    if (receiver->streams.empty()) return 2.0;
    return sum.sent == 0 ? 0.0 : static_cast<double>(sum.lost) / static_cast<double>(sum.sent);
  };
  std::ranges::stable_sort(order, std::greater<>(), badness);
  return order;
}

/// "12 more lost nothing", or how much they lost.
std::string rest_text(const std::vector<const GroupReception*>& order) {
  if (order.size() <= most_rows) return {};
  Sum rest;
  for (std::size_t n = most_rows; n < order.size(); ++n) {
    const Sum one = sum_of(*order[n]);
    rest.sent += one.sent;
    rest.lost += one.lost;
  }
  const std::size_t more = order.size() - most_rows;
  if (rest.lost == 0) return fmt::format("{} more lost nothing.\n", format_count(more));
  return fmt::format("{} more lost {}.\n", format_count(more), lost_text(rest.lost, rest.sent));
}

std::string one_senders_table(const MulticastReception& reception) {
  Cells rows = {{"Receiver", "lost", "in host", "elsewhere", "reordered", "duplicates",
                 "variation p99", "before joining"}};
  const auto order = worst_first(reception);
  for (std::size_t n = 0; n < std::min(most_rows, order.size()); ++n) {
    const GroupReception& receiver = *order[n];
    if (receiver.streams.empty()) {
      rows.push_back({printable(receiver.name), "heard nothing"});
      continue;
    }
    for (const ReceivedStream& stream : receiver.streams) {
      const auto variation = stream.report.meter.get<DelayVariation>().pdv().percentile(0.99);
      rows.push_back(
          {printable(receiver.name), lost_text(missing(stream.ledger), stream.ledger.sent),
           bounds_text(stream.ledger.lost_in_host), bounds_text(stream.ledger.lost_elsewhere),
           format_count(stream.ledger.reordered.value_or(0)),
           format_count(stream.ledger.duplicates.value_or(0)),
           variation ? in_seconds(*variation) : "–", format_count(before_joining(stream))});
    }
  }
  Sum all;
  for (const GroupReception& receiver : reception.receptions) {
    const Sum one = sum_of(receiver);
    all.sent += one.sent;
    all.lost += one.lost;
  }
  if (order.size() > 1) rows.push_back({"all", lost_text(all.lost, all.sent)});
  return to_grid(rows, 1) + rest_text(order);
}

/// Senders × receivers: lost of sent.
std::string many_senders_table(const MulticastReception& reception,
                               const std::vector<Endpoint>& sources) {
  const std::size_t shown = std::min(most_columns, sources.size());
  Cells rows(1);
  rows[0].emplace_back("Lost by");
  for (std::size_t n = 0; n < shown; ++n) rows[0].push_back(sources[n].to_string());
  rows[0].emplace_back("all");
  std::vector<Sum> totals(shown + 1);
  const auto order = worst_first(reception);
  for (std::size_t row = 0; row < order.size(); ++row) {
    const GroupReception& receiver = *order[row];
    std::vector<std::string> cells = {printable(receiver.name)};
    for (std::size_t n = 0; n < shown; ++n) {
      const Sum one = sum_of(receiver, sources[n]);
      totals[n].sent += one.sent;
      totals[n].lost += one.lost;
      cells.push_back(heard(receiver, sources[n]) ? lost_text(one.lost, one.sent) : "not heard");
    }
    const Sum all = sum_of(receiver);
    totals[shown].sent += all.sent;
    totals[shown].lost += all.lost;
    cells.push_back(lost_text(all.lost, all.sent));
    if (row < most_rows) rows.push_back(std::move(cells));
  }
  std::vector<std::string> last = {"all"};
  for (const Sum& total : totals) last.push_back(lost_text(total.lost, total.sent));
  if (order.size() > 1) rows.push_back(std::move(last));
  std::string text = to_grid(rows, 1) + rest_text(order);
  if (shown < sources.size()) {
    text += fmt::format("{} more senders are in the sums alone.\n", sources.size() - shown);
  }
  return text;
}

/// What concerns all receivers alike, of each stream.
std::string headings(const MulticastReception& reception, const std::vector<Endpoint>& sources) {
  std::string text;
  for (std::size_t n = 0; n < std::min(most_columns, sources.size()); ++n) {
    for (const GroupReception& receiver : reception.receptions) {
      const auto stream = std::ranges::find(receiver.streams, sources[n], &ReceivedStream::source);
      if (stream == receiver.streams.end()) continue;
      text += stream_heading(*stream);
      break;
    }
  }
  return text;
}

std::string yes_or_no(const std::optional<bool>& value, const char* yes, const char* no) {
  return !value ? "not known" : *value ? yes : no;
}

std::string membership_text(const GroupReceiveSpec& spec, const os::MulticastState& state) {
  const std::string group = spec.group.address_to_string();
  if (!state.members_known) return "membership: not known";
  if (state.members.empty()) {
    return fmt::format("membership: the kernel lists {} on no interface", group);
  }
  std::string text = fmt::format("membership: the kernel lists {} on", group);
  for (const auto& member : state.members) {
    text += fmt::format("{} {}", &member == &state.members.front() ? "" : ",", member.interface);
    // "V3" in the kernel's list.
    if (member.version) text += fmt::format(" (IGMPv{})", printable(member.version->substr(1)));
    if (member.including_sources.value_or(0) > 0) {
      text += fmt::format(", from {} named sources", *member.including_sources);
    }
  }
  return text;
}

std::string rp_filter_text(const os::MulticastState& state) {
  const auto number = [](const std::optional<std::uint64_t>& value) {
    return value ? std::to_string(*value) : "not known";
  };
  return fmt::format("rp_filter: {} of {}, {} of all (0 off, 1 strict, 2 loose; the larger holds)",
                     number(state.rp_filter_interface), state.interface,
                     number(state.rp_filter_all));
}

std::string querier_text(const GroupReceiveSpec& spec, const SilenceDiagnosis& diagnosis) {
  const bool v4 = spec.group.version() == IpVersion::v4;
  if (!diagnosis.querier_heard) {
    return v4 ? "querier: not known, as listening for IGMP needs root or CAP_NET_RAW"
              : "querier: not known";
  }
  std::string text = "querier: ";
  if (*diagnosis.querier_heard) {
    text += "heard";
  } else {
    text += v4 ? "none heard since joining (they ask each 125 s, or oftener)"
               : "none heard since this host was started";
  }
  if (diagnosis.state.bridge_queries) {
    text += *diagnosis.state.bridge_queries ? "; the bridge asks itself" : "; the bridge asks none";
  }
  return text;
}

/// What would change something, as far as what was seen tells.
std::vector<std::string> advice(const GroupReceiveSpec& spec, const SilenceDiagnosis& diagnosis) {
  const os::MulticastState& state = diagnosis.state;
  std::vector<std::string> lines;
  if (state.up == false || state.has_carrier == false) {
    lines.push_back(
        fmt::format("try: bring {} up, or choose another with --interface", state.interface));
  }
  if (state.takes_multicast == false && state.interface != "lo") {
    lines.push_back(fmt::format("try: ip link set {} multicast on", state.interface));
  }
  if (spec.interface.empty()) {
    lines.emplace_back(
        "try: --interface NAME, if the sender is at another one than the system chose");
  }
  lines.emplace_back(
      "try: a larger --ttl at the sender, if a router is between: the usual 1 passes none");
  const auto rp_filter = std::max(state.rp_filter_interface, state.rp_filter_all);
  if (rp_filter == std::uint64_t{1}) {
    lines.push_back(
        fmt::format("try: sysctl net.ipv4.conf.{}.rp_filter=2, if this host's route to "
                    "the sender is another interface",
                    state.interface));
  }
  if (diagnosis.querier_heard == false || state.bridge_snoops == true) {
    lines.emplace_back(
        "try: a querier at the switch, or no snooping: without one it forgets who has joined");
  }
  if (spec.source) {
    lines.push_back(fmt::format("try: another --source, if the sender is not {}",
                                spec.source->address_to_string()));
  }
  lines.emplace_back("try: let UDP to this port pass, if a firewall is here");
  return lines;
}

}  // namespace

std::string waiting_text(const GroupReceiveSpec& spec, std::size_t receivers,
                         const std::string& interface) {
  std::string text = spec.group.is_multicast() ? "Joined " : "Waiting at ";
  text += spec.group.to_string();
  if (!interface.empty()) text += " on " + interface;
  if (spec.source) text += ", source " + spec.source->address_to_string();
  if (receivers > 1) text += fmt::format(", {} receivers", format_count(receivers));
  return text + " (Ctrl-C ends it)\n";
}

std::vector<std::string> live_lines(const GroupReceptionProgress& now,
                                    const GroupReceptionProgress& before,
                                    std::chrono::nanoseconds elapsed) {
  struct Line {
    Endpoint source;
    std::size_t receivers = 0;
    std::size_t closed = 0;
    std::uint64_t messages = 0;
    std::uint64_t lost = 0;
    std::uint64_t octets = 0;
    std::uint64_t octets_before = 0;
  };
  std::vector<Line> sources;
  for (std::size_t r = 0; r < now.receivers.size(); ++r) {
    const auto& streams = now.receivers[r].streams;
    for (std::size_t s = 0; s < streams.size(); ++s) {
      auto line = std::ranges::find(sources, streams[s].source, &Line::source);
      if (line == sources.end()) {
        sources.push_back({.source = streams[s].source});
        line = sources.end() - 1;
      }
      ++line->receivers;
      line->closed += streams[s].closed ? 1 : 0;
      line->messages += streams[s].figures.messages;
      line->lost += streams[s].figures.lost;
      line->octets += streams[s].figures.octets;
      if (r < before.receivers.size() && s < before.receivers[r].streams.size()) {
        line->octets_before += before.receivers[r].streams[s].figures.octets;
      }
    }
  }
  std::vector<std::string> lines;
  if (sources.empty()) {
    lines.push_back(fmt::format("{}: nothing yet", in_seconds(now.since_joined)));
  }
  for (const Line& line : sources) {
    if (lines.size() == most_live_lines) {
      lines.push_back(fmt::format("and {} more senders", sources.size() - most_live_lines));
      break;
    }
    const double rate = 8.0 * static_cast<double>(line.octets - line.octets_before) /
                        std::max(1e-9, seconds(elapsed)) /
                        static_cast<double>(std::max<std::size_t>(1, line.receivers));
    std::string text = fmt::format("{}: {}", line.source.to_string(), format_bit_rate(rate));
    if (now.receivers.size() > 1) {
      text += fmt::format(" at each of {} receivers", line.receivers);
    }
    text += fmt::format(", {} messages, {} lost so far", format_count(line.messages),
                        format_count(line.lost));
    if (line.closed == line.receivers) text += ", ended";
    lines.push_back(std::move(text));
  }
  return lines;
}

std::vector<std::string> diagnosis_lines(const GroupReceiveSpec& spec,
                                         const SilenceDiagnosis& diagnosis) {
  const os::MulticastState& state = diagnosis.state;
  const std::string group = spec.group.to_string();
  std::vector<std::string> lines;
  lines.push_back(fmt::format(
      "nothing of a stream has come to {} in {} since joining; what this host knows:", group,
      in_seconds(diagnosis.after)));
  lines.push_back(fmt::format(
      "interface: {}, {} ({}, {})", state.interface.empty() ? "not known" : state.interface,
      spec.interface.empty() ? "the system's choice, by its route to the group" : "as given",
      yes_or_no(state.up, "up", "down"),
      yes_or_no(state.has_carrier, "with carrier", "no carrier")));
  lines.push_back(membership_text(spec, state));
  if (spec.group.version() == IpVersion::v4) lines.push_back(rp_filter_text(state));
  lines.push_back(diagnosis.hop_limit ? fmt::format("TTL left of what came, but is no stream: {}",
                                                    *diagnosis.hop_limit)
                  : diagnosis.anything_heard ? "TTL: not known, though something came"
                                             : "TTL: none seen, as no datagram came at all");
  lines.push_back(querier_text(spec, diagnosis));
  for (std::string& line : advice(spec, diagnosis)) lines.push_back(std::move(line));
  return lines;
}

std::string as_text(const MulticastReception& reception, const Report& report) {
  const auto sources = sources_of(reception);
  std::string text;
  if (sources.empty()) {
    text += "No stream was heard.\n";
  } else if (reception.receptions.size() == 1 && reception.receptions[0].streams.size() == 1) {
    text += block(reception.receptions[0], "receivers[0].streams[0]", report);
  } else {
    text += headings(reception, sources) + '\n';
    text +=
        sources.size() == 1 ? one_senders_table(reception) : many_senders_table(reception, sources);
  }
  std::uint64_t foreign = 0;
  for (const GroupReception& receiver : reception.receptions) foreign += receiver.foreign;
  if (foreign > 0) {
    text += fmt::format("{} datagrams were of no stream.\n", format_count(foreign));
  }
  if (reception.interrupted) text += "Interrupted: the figures are of what had come until then.\n";
  for (const Warning& warning : warnings(reception)) {
    text += fmt::format("warning: {}\n", warning.text);
  }
  return text;
}

}  // namespace netduel::tool
