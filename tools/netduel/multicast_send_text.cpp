#include "multicast_send_text.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>

#include <fmt/format.h>

#include "base/seconds.hpp"
#include "netduel/base/units.hpp"
#include "printable.hpp"
#include "report/grid.hpp"
#include "session/receiver_register.hpp"

namespace netduel::tool {
namespace {

/// More receivers than these are summed up in one line.
constexpr std::size_t most_rows = 20;
constexpr std::size_t most_live_rows = 16;
constexpr std::size_t longest_name = 20;
/// What fits 80 columns beside names.
constexpr std::size_t map_columns = 58;

std::string counted(std::uint64_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", format_count(count), count == 1 ? one : more);
}

std::string called(const ReceiverRecord& receiver) {
  std::string name = printable(name_of(receiver));
  if (name.size() > longest_name) name.resize(longest_name);
  return name;
}

std::string in_words(const std::optional<Bounds>& bounds) {
  if (!bounds) return "–";
  if (bounds->low == bounds->high) return format_count(bounds->low);
  return fmt::format("{}..{}", bounds->low, bounds->high);
}

std::string in_words(const std::optional<std::chrono::nanoseconds>& time) {
  return time ? format_duration(seconds(*time)) : "–";
}

std::uint64_t lost_by(const ReceiverRecord& receiver, std::uint64_t sent) {
  const group::ReceptionReport& told = receiver.report;
  const std::uint64_t end = end_of(receiver, sent);
  return end - std::min(end, told.counted_from + told.unique);
}

/// The worst first, else by name, as numbers behind one go.
std::vector<std::size_t> by_loss(const std::vector<ReceiverRecord>& receivers, std::uint64_t sent) {
  std::vector<std::size_t> order(receivers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const std::uint64_t lost_a = lost_by(receivers[a], sent);
    const std::uint64_t lost_b = lost_by(receivers[b], sent);
    if (lost_a != lost_b) return lost_a > lost_b;
    const std::string& name_a = receivers[a].report.name;
    const std::string& name_b = receivers[b].report.name;
    return name_a.size() != name_b.size() ? name_a.size() < name_b.size() : name_a < name_b;
  });
  return order;
}

std::string heading(const MulticastSending& all) {
  const GroupSending& sending = *all.sending;
  const Plan& plan = all.spec.plan;
  std::string to = all.spec.to.front().to_string();
  if (all.spec.to.size() > 1) to += fmt::format(" and {} more", all.spec.to.size() - 1);
  const double took = seconds(sending.sent_for);
  const auto octets = static_cast<double>(sending.sender.counts.sent * plan.message_octets);
  return fmt::format(
      "Stream from {} to {}: {} of {} octets in {}{}{}\n", sending.source.to_string(), to,
      counted(sending.sender.counts.sent, "message", "messages"), plan.message_octets,
      format_duration(took), took > 0 ? ", " + format_bit_rate(8 * octets / took) : "",
      sending.interrupted ? ", interrupted" : "");
}

/// In a sentence each: how many there were, and where it was lost.
std::string summary(const MulticastSending& all, const LossMap& map) {
  const GroupSending& sending = *all.sending;
  const std::uint64_t sent = sending.sender.counts.sent;
  std::uint64_t unharmed = 0;
  std::uint64_t late = 0;
  std::uint64_t left = 0;
  std::uint64_t vanished = 0;
  for (const ReceiverRecord& one : sending.receivers) {
    unharmed += !one.vanished && lost_by(one, sent) == 0 ? 1u : 0u;
    late += one.came_late ? 1u : 0u;
    left += one.left ? 1u : 0u;
    vanished += one.vanished ? 1u : 0u;
  }
  std::string text = fmt::format(
      "{}; {} lost nothing", counted(sending.receivers.size(), "receiver", "receivers"),
      unharmed == sending.receivers.size() && unharmed > 1 ? "all" : format_count(unharmed));
  if (late > 0) text += fmt::format("; {} came late", late);
  if (left > 0) text += fmt::format("; {} left before the end", left);
  if (vanished > 0) text += fmt::format("; {} vanished", vanished);
  text += ".\n";
  if (map.all.messages == 0) return text;
  if (map.all.lost_by_all > 0) {
    text += fmt::format("Near the sender: {} that all receivers missed",
                        counted(map.all.lost_by_all, "message", "messages"));
    if (map.lost_by_all_by_chance >= 0.5) {
      text += fmt::format(" (about {} of them by chance, each receiver on its own)",
                          format_number(std::round(map.lost_by_all_by_chance)));
    }
    text += ".\n";
  }
  if (map.all.lost_by_one > 0) {
    std::size_t most = 0;
    std::uint64_t its_own = 0;
    for (std::size_t r = 0; r < map.receivers.size(); ++r) {
      std::uint64_t own = 0;
      for (const LossMap::Cell& cell : map.receivers[r]) own += cell.own;
      if (own > its_own) {
        its_own = own;
        most = r;
      }
    }
    text += fmt::format("Near one receiver: {} that one alone missed, most of them ({}) {}.\n",
                        counted(map.all.lost_by_one, "message", "messages"), its_own,
                        called(sending.receivers[most]));
  }
  if (map.all.lost_by_some > 0) {
    text += fmt::format("In between: {} that some missed and some got.\n",
                        counted(map.all.lost_by_some, "message", "messages"));
  }
  return text;
}

std::string state_in_words(const ReceiverRecord& receiver) {
  std::string words = state_of(receiver);
  if (receiver.came_late) words += ", late";
  return words;
}

std::string table(const GroupSending& sending, const std::vector<std::size_t>& shown) {
  std::vector<std::vector<std::string>> rows = {{"Receiver", "", "joined in", "delivered",
                                                 "lost in host", "elsewhere", "reordered", "twice",
                                                 "varies"}};
  bool some_late = false;
  for (const std::size_t index : shown) some_late |= sending.receivers[index].came_late;
  if (some_late) rows.front().push_back("missed before");
  for (const std::size_t index : shown) {
    const ReceiverRecord& one = sending.receivers[index];
    const Ledger ledger = ledger_of(one, sending);
    rows.push_back(
        {called(one), state_in_words(one), in_words(one.report.join_latency),
         fmt::format("{} of {}", ledger.delivered, ledger.sent), in_words(ledger.lost_in_host),
         in_words(ledger.lost_elsewhere), format_count(ledger.reordered.value_or(0)),
         format_count(ledger.duplicates.value_or(0)), in_words(one.report.delay_variation_p99)});
    if (some_late) rows.back().push_back(format_count(one.report.counted_from));
  }
  return to_grid(rows, 2);
}

/// Of those that the table leaves out.
std::string the_others(const GroupSending& sending, const std::vector<std::size_t>& order) {
  if (order.size() <= most_rows) return {};
  const std::uint64_t sent = sending.sender.counts.sent;
  std::uint64_t most = 0;
  for (std::size_t i = most_rows; i < order.size(); ++i) {
    most = std::max(most, lost_by(sending.receivers[order[i]], sent));
  }
  return fmt::format("and {} more, {}\n", order.size() - most_rows,
                     most == 0 ? std::string("all of which lost nothing")
                               : fmt::format("each of which lost {} or less", most));
}

char mark(const LossMap::Cell& cell, bool is_known) {
  if (!is_known) return '?';
  if (cell.messages == 0) return ' ';
  if (cell.lost == 0) return '.';
  if (cell.shared > 0 && cell.own > 0) return '%';
  if (cell.shared > 0) return '#';
  if (cell.own > 0) return 'o';
  return cell.partly_shared > 0 ? '+' : 'x';
}

std::string feedback(const FeedbackCounts& counts) {
  if (counts.stream_octets == 0) return {};
  return fmt::format(
      "Reports and their answers: {} of the stream's octets ({} and {} parts of "
      "loss detail; the limit is {})\n",
      format_ratio(static_cast<double>(counts.octets) / static_cast<double>(counts.stream_octets)),
      counted(counts.reports, "report", "reports"), counts.details,
      format_ratio(ReceiverRegister::largest_share));
}

}  // namespace

std::string loss_map_text(const LossMap& map, const std::vector<ReceiverRecord>& receivers,
                          const std::vector<std::size_t>& shown) {
  const bool some_loss =
      map.all.lost_by_all + map.all.lost_by_one + map.all.lost_by_some > 0 ||
      std::ranges::any_of(map.receivers, [](const auto& row) {
        return std::ranges::any_of(row, [](const LossMap::Cell& cell) { return cell.lost > 0; });
      });
  if (!some_loss) return {};
  std::size_t widest = 0;
  for (const std::size_t r : shown) widest = std::max(widest, text_width(called(receivers[r])));
  std::string text = fmt::format("Loss map: time goes to the right, {} a column\n",
                                 counted(map.numbers_in_a_column, "message", "messages"));
  for (const std::size_t r : shown) {
    std::uint64_t messages = 0;
    for (const LossMap::Cell& cell : map.receivers[r]) messages += cell.messages;
    const std::string name = called(receivers[r]);
    text += name + std::string(widest - text_width(name) + 1, ' ') + '|';
    for (const LossMap::Cell& cell : map.receivers[r]) text += mark(cell, messages > 0);
    text += "|\n";
  }
  return text +
         "# lost by all (near the sender)   o by this one alone (near it)   % both\n"
         "+ by some of them   x nobody to compare with   . nothing lost   ? not known\n";
}

std::string as_text(const MulticastSending& all) {
  const GroupSending& sending = *all.sending;
  const auto order = by_loss(sending.receivers, sending.sender.counts.sent);
  const std::vector<std::size_t> shown(
      order.begin(),
      order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), most_rows)));
  std::string text = heading(all);
  if (!sending.receivers.empty()) {
    const LossMap map = loss_map_of(sending, map_columns);
    text += summary(all, map) + '\n';
    text += table(sending, shown) + the_others(sending, order) + '\n';
    const std::string drawn = loss_map_text(map, sending.receivers, shown);
    if (!drawn.empty()) text += drawn + '\n';
    text += feedback(sending.feedback);
  }
  for (const Warning& warning : warnings(all)) {
    text += "Warning: " + printable(warning.text) + '\n';
  }
  return text;
}

std::vector<std::string> live_lines(const GroupProgress& progress, const GroupSendSpec& spec,
                                    std::size_t columns) {
  std::string first;
  switch (progress.phase) {
    case GroupProgress::Phase::announcing:
      first = "announcing the stream";
      break;
    case GroupProgress::Phase::sending:
      first = fmt::format("{:.1f} s: {} sent", seconds(progress.elapsed),
                          counted(progress.sent.messages, "message", "messages"));
      break;
    case GroupProgress::Phase::closing:
    case GroupProgress::Phase::over:
      first = fmt::format("{} sent; last reports",
                          counted(progress.sent.messages, "message", "messages"));
  }
  if (spec.announces && spec.reports) {
    first += fmt::format(", {} heard", counted(progress.receivers.size(), "receiver", "receivers"));
  }
  std::vector<std::string> lines = {first};
  const auto order = by_loss(progress.receivers, progress.sent.messages);
  const std::size_t shown = std::min(order.size(), most_live_rows);
  for (std::size_t i = 0; i < shown; ++i) {
    const ReceiverRecord& one = progress.receivers[order[i]];
    lines.push_back(fmt::format("  {:<{}}  {:>10} delivered  {:>8} lost  {}", called(one),
                                columns >= 80 ? longest_name : std::size_t{1},
                                format_count(one.report.unique),
                                format_count(lost_by(one, progress.sent.messages)),
                                one.finished ? "" : state_in_words(one)));
  }
  if (shown < order.size()) lines.push_back(fmt::format("  and {} more", order.size() - shown));
  return lines;
}

}  // namespace netduel::tool
