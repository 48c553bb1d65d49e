#include "experiment/multicast_send_report.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "netduel/base/units.hpp"
#include "session/receiver_register.hpp"

namespace netduel {
namespace {

constexpr std::size_t columns_of_the_map = 60;
/// With more receivers the map has fewer columns: a document need not have millions of cells.
constexpr std::size_t many_receivers = 400;
constexpr std::size_t columns_for_many = 20;

const char* name_of(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::back_to_back:
      return "back_to_back";
    case ScheduleKind::periodic:
      return "periodic";
    case ScheduleKind::poisson:
      break;
  }
  return "poisson";
}

void describe_plan(const GroupSendSpec& spec, Report& report) {
  const Report::Scope scope(report, "plan");
  for (std::size_t i = 0; i < spec.to.size(); ++i) {
    report.add(fmt::format("to[{}]", i), spec.to[i].to_string());
  }
  report.add_optional("interface",
                      spec.interface.empty() ? std::nullopt : std::optional(spec.interface));
  report.add_optional("ttl", spec.hop_limit);
  report.add_optional("loopback", spec.loopback);
  const Plan& plan = spec.plan;
  report.add("message_octets", std::uint64_t{plan.message_octets}, "octets");
  const bool paced = plan.schedule != ScheduleKind::back_to_back;
  report.add_optional("bits_per_second", paced ? std::optional(plan.bits_per_second) : std::nullopt,
                      "bit/s");
  report.add("schedule", std::string(name_of(plan.schedule)));
  report.add("burst_messages", std::uint64_t{plan.burst_messages});
  const bool ends = !spec.messages && plan.time < endless_stream;
  report.add_optional("time_seconds", ends ? std::optional(seconds(plan.time)) : std::nullopt, "s");
  report.add_optional("messages", spec.messages);
  report.add("lead_seconds", seconds(spec.lead), "s");
  report.add("format", std::string(spec.announces ? "netduel" : "iperf2"));
  report.add("reports", spec.announces && spec.reports);
  report.add("verified", plan.verify);
  report.add("seed", plan.seed);
}

void describe_stream(const GroupSending& sending, Report& report) {
  const Report::Scope scope(report, "stream");
  report.add_optional("id", sending.stream != 0
                                ? std::optional(fmt::format("{:016x}", sending.stream))
                                : std::nullopt);
  report.add("source", sending.source.to_string());
  report.add("sent_seconds", seconds(sending.sent_for), "s");
  report.add("announcement_octets", sending.announcement_octets, "octets");
}

void describe_sender(const MulticastSending& all, Report& report) {
  const Report::Scope scope(report, "sender");
  const SenderReport& sender = all.sending->sender;
  const SenderCounts& counts = sender.counts;
  report.add("skipped", counts.skipped);
  report.add("offered", counts.offered);
  report.add("refused", counts.refused);
  report.add("sent", counts.sent);
  const std::uint64_t octets = counts.sent * all.spec.plan.message_octets;
  report.add("octets", octets, "octets");
  const double took = seconds(sender.sending);
  report.add_optional(
      "bits_per_second",
      took > 0 ? std::optional(8 * static_cast<double>(octets) / took) : std::nullopt, "bit/s");
  report.add("cpu_seconds", seconds(sender.cpu), "s");
  {
    const Report::Scope lateness(report, "send_lateness_seconds");
    report.add_optional("p50", seconds(sender.lateness.percentile(0.5)), "s");
    report.add_optional("p99", seconds(sender.lateness.percentile(0.99)), "s");
    report.add_optional("max", seconds(sender.lateness.max()), "s");
  }
  report.add_optional("first_refusal", sender.first_refusal);
  if (all.sending->refusals.empty()) report.add("refusals", EmptyList{});
  for (std::size_t i = 0; i < all.sending->refusals.size(); ++i) {
    const Report::Scope one(report, fmt::format("refusals[{}]", i));
    report.add("to", all.sending->refusals[i].to.to_string());
    report.add("refused", all.sending->refusals[i].refused);
  }
}

bool is_same_host(const Endpoint& a, const Endpoint& b) {
  return a.version() == b.version() && a.address_octets() == b.address_octets();
}

/// Some names, so that a line stays one.
template <class Matches>
std::string names(const std::vector<ReceiverRecord>& receivers, Matches matches) {
  constexpr std::size_t most = 3;
  std::string text;
  std::size_t count = 0;
  for (const ReceiverRecord& one : receivers) {
    if (!matches(one) || ++count > most) continue;
    text += (text.empty() ? "" : ", ") + name_of(one);
  }
  return count > most ? fmt::format("{} and {} more", text, count - most) : text;
}

std::string in_words(std::uint64_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

void warn_of_silence(const MulticastSending& all, std::vector<Warning>& found) {
  const GroupSending& sending = *all.sending;
  if (!all.spec.announces || !all.spec.reports || !sending.receivers.empty()) return;
  const bool to_group = all.spec.to.front().is_multicast();
  const std::uint64_t unreachable = sending.sender.socket.icmp_errors.value_or(0);
  std::string text = "No receiver was heard.";
  if (unreachable > 0) {
    text += fmt::format(
        " ICMP says that nobody listens there ({} times): start `netduel multicast "
        "receive` first, on the same port.",
        unreachable);
  } else if (to_group) {
    text += fmt::format(
        " Is `netduel multicast receive {}` running? A TTL of {} reaches {}; --interface chooses "
        "where the stream leaves (it came from {}); a firewall may keep back the stream, or the "
        "reports to UDP port {} here.",
        all.spec.to.front().to_string(), all.spec.hop_limit.value_or(1),
        all.spec.hop_limit.value_or(1) <= 1 ? "no farther than this network (--ttl)"
                                            : "that many networks",
        sending.source.address_to_string(), sending.control.port());
  } else {
    text += fmt::format(
        " Is `netduel multicast receive` running there? A firewall may keep back "
        "the stream, or the reports to UDP port {} here.",
        sending.control.port());
  }
  found.push_back({"no_receiver_heard", std::move(text)});
}

void warn_of_receivers(const GroupSending& sending, std::vector<Warning>& found) {
  const auto vanished = [](const ReceiverRecord& one) { return one.vanished; };
  const auto gone = static_cast<std::uint64_t>(std::ranges::count_if(sending.receivers, vanished));
  if (gone > 0) {
    found.push_back(
        {"receivers_vanished",
         fmt::format("{} vanished without a last word ({}): what it lost after its last report "
                     "is not known.",
                     in_words(gone, "receiver", "receivers"), names(sending.receivers, vanished))});
  }
  const std::uint64_t sent = sending.sender.counts.sent;
  const auto no_detail = [&](const ReceiverRecord& one) {
    return one.finished && !losses_of(one, sent);
  };
  const auto blank =
      static_cast<std::uint64_t>(std::ranges::count_if(sending.receivers, no_detail));
  if (blank > 0) {
    found.push_back(
        {"loss_detail_missing",
         fmt::format("Which messages {} lost is not known ({}): their detail did not fit into 5 % "
                     "of the stream, or was lost. The counts are right; the loss map lacks them.",
                     in_words(blank, "receiver", "receivers"),
                     names(sending.receivers, no_detail))});
  }
  const auto damaged = [](const ReceiverRecord& one) {
    return one.report.corrupted + one.report.truncated > 0;
  };
  std::uint64_t messages = 0;
  for (const ReceiverRecord& one : sending.receivers) {
    messages += one.report.corrupted + one.report.truncated;
  }
  if (messages > 0) {
    found.push_back(
        {"corrupted_messages",
         fmt::format("{} came with other content than was sent, or cut short ({}): they "
                     "count as lost elsewhere.",
                     in_words(messages, "message", "messages"),
                     names(sending.receivers, damaged))});
  }
}

void warn_of_feedback(const GroupSending& sending, std::vector<Warning>& found) {
  const FeedbackCounts& feedback = sending.feedback;
  const double limit =
      ReceiverRegister::largest_share * static_cast<double>(feedback.stream_octets);
  if (static_cast<double>(feedback.octets) > limit && feedback.octets > 0) {
    found.push_back(
        {"feedback_above_share",
         fmt::format("Reports took {} beside a stream of {}, more than 5 %: the stream was too "
                     "short for a last report of each receiver. A longer one (-t) or --no-reports "
                     "helps.",
                     format_octets(feedback.octets), format_octets(feedback.stream_octets))});
  }
  const std::uint64_t odd = feedback.contradictory + feedback.too_many + feedback.other_stream;
  if (odd > 0) {
    found.push_back({"feedback_not_believed",
                     fmt::format("{} of receivers were not believed: {} contradict what is known, "
                                 "{} came too often, {} were of another stream.",
                                 in_words(odd, "report", "reports"), feedback.contradictory,
                                 feedback.too_many, feedback.other_stream)});
  }
}

void warn_of_sending(const GroupSending& sending, std::vector<Warning>& found) {
  const SenderReport& sender = sending.sender;
  const SenderCounts& counts = sender.counts;
  if (counts.refused > 0) {
    found.push_back({"refused_messages",
                     fmt::format("{} of {} messages did not leave this host: {}.", counts.refused,
                                 counts.offered, sender.first_refusal.value_or("refused"))});
  }
  for (const GroupSending::Refusals& one : sending.refusals) {
    found.push_back(
        {"refused_messages", fmt::format("{} of {} messages did not leave for {}.", one.refused,
                                         counts.sent, one.to.to_string())});
  }
  // A little is skipped on any busy machine; a hundredth changes what is measured.
  constexpr std::uint64_t part_that_matters = 100;
  if (!sender.interrupted && counts.skipped * part_that_matters > counts.offered) {
    found.push_back(
        {"schedule_skipped",
         fmt::format("{} messages were due and not sent, as this sender came too late: a lower "
                     "rate (-b) or longer messages (-l) help.",
                     counts.skipped)});
  }
}

}  // namespace

std::string name_of(const ReceiverRecord& receiver) {
  return receiver.report.name.empty() ? receiver.address.to_string() : receiver.report.name;
}

std::string state_of(const ReceiverRecord& receiver) {
  if (receiver.left) return "left";
  if (receiver.finished) return "finished";
  return receiver.vanished ? "vanished" : "reporting";
}

std::uint64_t end_of(const ReceiverRecord& receiver, std::uint64_t sent) {
  return receiver.report.knows_the_end ? sent : receiver.report.next_expected;
}

Ledger ledger_of(const ReceiverRecord& receiver, const GroupSending& sending) {
  const group::ReceptionReport& told = receiver.report;
  const std::uint64_t end = end_of(receiver, sending.sender.counts.sent);
  Ledger ledger;
  ledger.offered = end - std::min(end, told.counted_from);
  // Of several addresses one may have refused what others took.
  const auto here = std::ranges::find_if(
      sending.refusals, [&](const auto& one) { return is_same_host(one.to, receiver.address); });
  if (here != sending.refusals.end() && told.knows_the_end && told.counted_from == 0) {
    ledger.refused = std::min(here->refused, ledger.offered - told.unique);
  }
  ledger.sent = ledger.offered - ledger.refused;
  ledger.delivered = told.unique;
  const std::uint64_t missing = ledger.sent - std::min(ledger.sent, told.unique);
  Bounds in_host{0, missing};
  if (told.lost_in_host) {
    in_host = {std::min(told.lost_in_host->first, missing),
               std::min(told.lost_in_host->second, missing)};
  }
  ledger.lost_in_host = in_host;
  ledger.lost_elsewhere = Bounds{
      missing - in_host.high - std::min(missing - in_host.high, told.stale), missing - in_host.low};
  ledger.reordered = told.reordered;
  ledger.duplicates = told.duplicates;
  ledger.foreign = told.foreign;
  ledger.corrupted = told.corrupted;
  ledger.truncated = told.truncated;
  ledger.checks.push_back({"delivered_within_sent", ledger.delivered <= ledger.sent,
                           fmt::format("{} different messages were delivered of {} sent.",
                                       ledger.delivered, ledger.sent)});
  ledger.checks.push_back({"numbers_within_sent", told.next_expected <= sending.sender.counts.sent,
                           fmt::format("The numbers that came reach up to {} of {} sent.",
                                       told.next_expected, sending.sender.counts.sent)});
  return ledger;
}

std::optional<LossMap::Losses> losses_of(const ReceiverRecord& receiver, std::uint64_t sent) {
  if (receiver.has_detail) {
    return LossMap::Losses{
        .from = receiver.detail_from, .to = receiver.detail_to, .missing = receiver.missing};
  }
  const group::ReceptionReport& told = receiver.report;
  const std::uint64_t end = end_of(receiver, sent);
  if (told.counted_from > end || told.unique != end - told.counted_from) return std::nullopt;
  return LossMap::Losses{.from = told.counted_from, .to = end, .missing = {}};
}

LossMap loss_map_of(const GroupSending& sending, std::size_t columns) {
  const std::uint64_t sent = sending.sender.counts.sent;
  std::vector<LossMap::Losses> losses;
  losses.reserve(sending.receivers.size());
  for (const ReceiverRecord& one : sending.receivers) {
    losses.push_back(losses_of(one, sent).value_or(LossMap::Losses{}));
  }
  return loss_map(losses, sent, columns);
}

std::vector<Warning> warnings(const MulticastSending& all) {
  std::vector<Warning> found;
  if (!all.sending) return found;
  warn_of_silence(all, found);
  warn_of_receivers(*all.sending, found);
  warn_of_feedback(*all.sending, found);
  warn_of_sending(*all.sending, found);
  return found;
}

void describe(const ReceiverRecord& receiver, const GroupSending& sending, Report& report) {
  const group::ReceptionReport& told = receiver.report;
  report.add("name", name_of(receiver));
  report.add("id", fmt::format("{:016x}", receiver.id));
  report.add("address", receiver.address.to_string());
  report.add("state", state_of(receiver));
  report.add("came_late", receiver.came_late);
  report.add_optional("join_latency_seconds", seconds(told.join_latency), "s");
  report.add("counted_from", told.counted_from);
  report.add("before_joining", std::min(told.counted_from, sending.sender.counts.sent));
  report.add("end_is_known", told.knows_the_end);
  const Ledger ledger = ledger_of(receiver, sending);
  report.add_optional("delivered_ratio",
                      ledger.sent > 0 ? std::optional(static_cast<double>(ledger.delivered) /
                                                      static_cast<double>(ledger.sent))
                                      : std::nullopt,
                      "ratio");
  describe(ledger, report);
  report.add_optional("jitter_seconds", seconds(told.jitter), "s");
  {
    const Report::Scope scope(report, "delay_variation_seconds");
    report.add_optional("p99", seconds(told.delay_variation_p99), "s");
  }
  report.add_optional("hop_limit", told.hop_limit);
  report.add("reports", std::uint64_t{told.number});
  report.add("first_heard_seconds", seconds(receiver.first_heard), "s");
  report.add("last_heard_seconds", seconds(receiver.last_heard), "s");
}

void describe(const LossMap& map, const std::vector<ReceiverRecord>& receivers, Report& report) {
  const Report::Scope scope(report, "loss_map");
  report.add("numbers_in_a_column", map.numbers_in_a_column);
  const auto add = [&](const LossMap::Column& column) {
    report.add("messages", column.messages);
    report.add("lost_by_all", column.lost_by_all);
    report.add("lost_by_one", column.lost_by_one);
    report.add("lost_by_some", column.lost_by_some);
  };
  {
    const Report::Scope all(report, "all");
    add(map.all);
    report.add("lost_by_all_by_chance", map.lost_by_all_by_chance);
  }
  if (map.columns.empty()) report.add("columns", EmptyList{});
  for (std::size_t i = 0; i < map.columns.size(); ++i) {
    const Report::Scope column(report, fmt::format("columns[{}]", i));
    add(map.columns[i]);
  }
  if (map.receivers.empty()) report.add("receivers", EmptyList{});
  for (std::size_t r = 0; r < map.receivers.size(); ++r) {
    const Report::Scope row(report, fmt::format("receivers[{}]", r));
    report.add("name", name_of(receivers[r]));
    if (map.receivers[r].empty()) report.add("cells", EmptyList{});
    for (std::size_t i = 0; i < map.receivers[r].size(); ++i) {
      const LossMap::Cell& cell = map.receivers[r][i];
      const Report::Scope place(report, fmt::format("cells[{}]", i));
      report.add("messages", cell.messages);
      report.add("lost", cell.lost);
      report.add("shared", cell.shared);
      report.add("own", cell.own);
      report.add("partly_shared", cell.partly_shared);
    }
  }
}

void describe(const FeedbackCounts& feedback, Report& report) {
  const Report::Scope scope(report, "feedback");
  report.add("octets", feedback.octets, "octets");
  report.add("stream_octets", feedback.stream_octets, "octets");
  report.add_optional("share",
                      feedback.stream_octets > 0
                          ? std::optional(static_cast<double>(feedback.octets) /
                                          static_cast<double>(feedback.stream_octets))
                          : std::nullopt,
                      "ratio");
  report.add("limit", ReceiverRegister::largest_share, "ratio");
  report.add("reports", feedback.reports);
  report.add("details", feedback.details);
  report.add("acknowledged", feedback.acknowledged);
  const Report::Scope not_believed(report, "not_believed");
  report.add("foreign", feedback.foreign);
  report.add("other_stream", feedback.other_stream);
  report.add("contradictory", feedback.contradictory);
  report.add("too_many", feedback.too_many);
  report.add("repeated", feedback.repeated);
}

Report describe(const MulticastSending& all) {
  Report report;
  report.add("schema", std::string("netduel/multicast/1"));
  report.add("role", std::string("send"));
  describe_plan(all.spec, report);
  if (!all.sending) {
    for (const char* part : {"stream", "sender", "receivers", "loss_map", "feedback"}) {
      report.add(part, Absent{});
    }
  } else {
    const GroupSending& sending = *all.sending;
    describe_stream(sending, report);
    describe_sender(all, report);
    if (sending.receivers.empty()) report.add("receivers", EmptyList{});
    for (std::size_t i = 0; i < sending.receivers.size(); ++i) {
      const Report::Scope scope(report, fmt::format("receivers[{}]", i));
      describe(sending.receivers[i], sending, report);
    }
    const bool many = sending.receivers.size() > many_receivers;
    if (sending.receivers.empty()) {
      report.add("loss_map", Absent{});
    } else {
      describe(loss_map_of(sending, many ? columns_for_many : columns_of_the_map),
               sending.receivers, report);
    }
    describe(sending.feedback, report);
  }
  describe(warnings(all), report);
  report.add("interrupted", all.sending && all.sending->interrupted);
  report.add_optional("error", all.error);
  return report;
}

}  // namespace netduel
