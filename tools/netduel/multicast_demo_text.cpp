#include "multicast_demo_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "experiment/multicast_demo_report.hpp"
#include "multicast_send_text.hpp"
#include "netduel/base/units.hpp"
#include "printable.hpp"
#include "report/grid.hpp"

namespace netduel::tool {
namespace {

/// What fits 80 columns and a screen.
constexpr std::size_t hosts_in_a_row = 8;
constexpr std::size_t most_rows_of_the_map = 8;
constexpr std::size_t map_columns = 58;

std::uint64_t sent_by(const DemoSender& sender) {
  return sender.sending.sender.counts.sent;
}

std::string counted(std::uint64_t count, std::string_view one, std::string_view more) {
  return fmt::format("{} {}", format_count(count), count == 1 ? one : more);
}

/// "h1, h2 and h3", or "h1 to h8".
std::string names_of(const std::vector<DemoSender>& senders) {
  if (senders.size() == 1) return senders.front().name;
  if (senders.size() > 3) return senders.front().name + " to " + senders.back().name;
  std::string names = senders.front().name;
  for (std::size_t n = 1; n < senders.size(); ++n) {
    names += (n + 1 == senders.size() ? " and " : ", ") + senders[n].name;
  }
  return names;
}

/// A column for each host below its name, in as many grids as fit beside each other.
std::string in_columns(const std::vector<std::string>& titles,
                       const std::vector<std::vector<std::string>>& columns) {
  std::string text;
  for (std::size_t first = 0; first < columns.size(); first += hosts_in_a_row) {
    const std::size_t last = std::min(columns.size(), first + hosts_in_a_row);
    std::vector<std::vector<std::string>> rows;
    for (std::size_t line = 0; line < titles.size(); ++line) {
      auto& row = rows.emplace_back();
      row.push_back("  " + titles[line]);
      for (std::size_t n = first; n < last; ++n) row.push_back(columns[n][line]);
    }
    text += to_grid(rows, 1);
  }
  return text;
}

std::string figure(const DemoDelivery& delivery) {
  return delivery.ledger ? format_count(delivery.ledger->delivered) : "nothing";
}

std::string one_to_one(const DemoPattern& pattern) {
  const DemoSender& sender = pattern.senders.front();
  const DemoReceiver& receiver = pattern.receivers.front();
  const DemoDelivery& delivery = receiver.deliveries.front();
  std::string text =
      fmt::format("One to one: {} sent {} to {}, which got {}.\n", sender.name,
                  counted(sent_by(sender), "message", "messages"), receiver.name, figure(delivery));
  if (sender.link && delivery.link) {
    text += fmt::format("{}'s link lost {}, and {}'s {}.\n", sender.name, sender.link->dropped,
                        receiver.name, delivery.link->dropped);
  }
  return text;
}

std::vector<std::size_t> by_name(const std::vector<ReceiverRecord>& receivers) {
  std::vector<std::size_t> order(receivers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    const std::string& name_a = receivers[a].report.name;
    const std::string& name_b = receivers[b].report.name;
    return name_a.size() != name_b.size() ? name_a.size() < name_b.size() : name_a < name_b;
  });
  return order;
}

/// What each receiver lost on its own may by chance be the same message: that did not happen near
/// the sender, and its link knows nothing of it.
std::string where_it_was_lost(const LossMap& map, const DemoSender& sender) {
  std::string which;
  if (sender.link) which = fmt::format("{}'s link lost {}", sender.name, sender.link->dropped);
  if (map.lost_by_all_by_chance >= 0.5) {
    which += fmt::format("{}about {} by chance, each on its own", which.empty() ? "" : "; ",
                         format_number(std::round(map.lost_by_all_by_chance)));
  }
  return fmt::format("Lost by all: {}{}; by one alone: {}; by some of them: {}.\n",
                     map.all.lost_by_all, which.empty() ? "" : " (" + which + ")",
                     map.all.lost_by_one, map.all.lost_by_some);
}

std::string the_map(const DemoPattern& pattern) {
  const auto map = loss_map_of(pattern, map_columns);
  if (!map) return {};
  const GroupSending& sending = pattern.senders.front().sending;
  std::vector<std::size_t> shown = by_name(sending.receivers);
  const std::size_t left_out = shown.size() - std::min(shown.size(), most_rows_of_the_map);
  shown.resize(shown.size() - left_out);
  std::string text = loss_map_text(*map, sending.receivers, shown);
  if (text.empty()) return {};
  if (left_out > 0) text += fmt::format("(and {} more receivers)\n", left_out);
  return text + where_it_was_lost(*map, pattern.senders.front());
}

std::string one_to_many(const DemoPattern& pattern) {
  const DemoSender& sender = pattern.senders.front();
  std::vector<std::string> titles = {"host", "got"};
  if (sender.link) titles.emplace_back("its link lost");
  std::vector<std::vector<std::string>> columns;
  for (const DemoReceiver& receiver : pattern.receivers) {
    const DemoDelivery& delivery = receiver.deliveries.front();
    columns.push_back({receiver.name, figure(delivery)});
    if (delivery.link) columns.back().push_back(format_count(delivery.link->dropped));
  }
  std::string text =
      fmt::format("One to many: {} sent {} to the group {}, each once.\n", sender.name,
                  counted(sent_by(sender), "message", "messages"), sender.to);
  if (sender.link) {
    text += fmt::format("{}'s link carried {} for {} receivers, and lost {}.\n", sender.name,
                        counted(sender.link->packets_in, "packet", "packets"), columns.size(),
                        sender.link->dropped);
  }
  return text + in_columns(titles, columns) + the_map(pattern);
}

std::string many_to_one(const DemoPattern& pattern) {
  const DemoReceiver& receiver = pattern.receivers.front();
  std::vector<std::string> titles = {"from", "sent", "got"};
  if (pattern.senders.front().link) titles.emplace_back("links lost");
  std::vector<std::vector<std::string>> columns;
  for (const DemoDelivery& delivery : receiver.deliveries) {
    const DemoSender& sender = pattern.senders[delivery.sender];
    columns.push_back({sender.name, format_count(sent_by(sender)), figure(delivery)});
    if (sender.link && delivery.link) {
      columns.back().push_back(format_count(sender.link->dropped + delivery.link->dropped));
    }
  }
  return fmt::format("Many to one: {} sent to {}, which has one socket for all of them.\n",
                     names_of(pattern.senders), receiver.name) +
         in_columns(titles, columns);
}

/// Senders go down and receivers to the right; of too many receivers the first.
std::string many_to_many(const DemoPattern& pattern) {
  const std::size_t shown = std::min(pattern.receivers.size(), hosts_in_a_row);
  std::vector<std::vector<std::string>> rows = {{"  from", "sent"}};
  for (std::size_t n = 0; n < shown; ++n) rows.front().push_back(pattern.receivers[n].name);
  for (std::size_t s = 0; s < pattern.senders.size(); ++s) {
    auto& row = rows.emplace_back();
    row = {"  " + pattern.senders[s].name, format_count(sent_by(pattern.senders[s]))};
    for (std::size_t n = 0; n < shown; ++n) {
      const auto& deliveries = pattern.receivers[n].deliveries;
      const auto found = std::ranges::find(deliveries, s, &DemoDelivery::sender);
      row.push_back(found == deliveries.end() ? "–" : figure(*found));
    }
  }
  std::string text = fmt::format("Many to many: {} sent to {}, each once. Who got how many?\n",
                                 names_of(pattern.senders), pattern.senders.front().to) +
                     to_grid(rows, 1);
  if (shown < pattern.receivers.size()) {
    text += fmt::format("  (and {} more receivers)\n", pattern.receivers.size() - shown);
  }
  return text;
}

std::string in_words(const DemoPattern& pattern) {
  std::string text;
  if (pattern.name == "one-to-one") text = one_to_one(pattern);
  if (pattern.name == "one-to-many") text = one_to_many(pattern);
  if (pattern.name == "many-to-one") text = many_to_one(pattern);
  if (pattern.name == "many-to-many") text = many_to_many(pattern);
  // Who sends to a group sends a message once, and over TCP once for each that is to have it.
  const std::size_t connections = pattern.connections();
  const std::size_t times = connections / std::max<std::size_t>(1, pattern.senders.size());
  text += fmt::format("TCP would need {}", counted(connections, "connection", "connections"));
  if (times == 2) text += " and send each message twice";
  if (times > 2) text += fmt::format(" and send each message {} times", times);
  return text + ".\n\n";
}

/// How the receivers' own figures stand to what the links say of themselves. Only the very same
/// number counts here: what a socket dropped is told apart, in a warning.
std::string verdict(const MulticastDemo& demo) {
  std::size_t told = 0;
  std::size_t agreed = 0;
  for (const DemoPattern& pattern : demo.patterns) {
    for (const DemoReceiver& receiver : pattern.receivers) {
      for (const DemoDelivery& delivery : receiver.deliveries) {
        const auto unread = delivery.unread();
        told += unread ? 1u : 0u;
        agreed += unread == 0 ? 1u : 0u;
      }
    }
  }
  if (told == 0) return {};
  if (agreed == told) {
    return fmt::format("All {} counts are just what the links let through.\n", told);
  }
  return fmt::format("{} of {} counts are just what the links let through.\n", agreed, told);
}

}  // namespace

std::string as_text(const MulticastDemo& demo) {
  std::string text =
      demo.in_lab
          ? fmt::format("{} hosts around a switch, each behind a link that loses some packets.\n\n",
                        demo.spec.receivers + 1)
          : std::string("All on this host, over loopback.\n\n");
  for (const DemoPattern& pattern : demo.patterns) text += in_words(pattern);
  text += verdict(demo);
  if (demo.interrupted) text += "Interrupted.\n";
  for (const Warning& warning : warnings(demo)) {
    // Of times nothing is told here, and counts are right all the same.
    if (warning.id == "lab_was_late") continue;
    text += "Warning: " + printable(warning.text) + '\n';
  }
  return text;
}

}  // namespace netduel::tool
