#include "experiment/multicast_demo_report.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "experiment/multicast_send_report.hpp"

namespace netduel {
namespace {

constexpr std::size_t columns_of_the_map = 40;
/// A little is skipped on any busy machine.
constexpr std::uint64_t part_that_matters = 100;

void describe(const std::optional<DemoLink>& link, Report& report) {
  if (!link) {
    report.add("link", Absent{});
    return;
  }
  const Report::Scope scope(report, "link");
  report.add("packets_in", link->packets_in);
  report.add("dropped", link->dropped);
  report.add("forwarded", link->forwarded);
}

void describe(const DemoSender& sender, Report& report) {
  const SenderCounts& counts = sender.sending.sender.counts;
  report.add("name", sender.name);
  report.add("to", sender.to);
  report.add("stream", fmt::format("{:016x}", sender.sending.stream));
  report.add("source", sender.sending.source.to_string());
  report.add("skipped", counts.skipped);
  report.add("refused", counts.refused);
  report.add("sent", counts.sent);
  describe(sender.link, report);
}

void describe(const DemoReceiver& receiver, const DemoPattern& pattern, Report& report) {
  report.add("name", receiver.name);
  report.add_optional("failure", receiver.failure);
  if (receiver.deliveries.empty()) report.add("streams", EmptyList{});
  for (std::size_t n = 0; n < receiver.deliveries.size(); ++n) {
    const DemoDelivery& delivery = receiver.deliveries[n];
    const Report::Scope scope(report, fmt::format("streams[{}]", n));
    report.add("from", pattern.senders[delivery.sender].name);
    if (delivery.ledger) {
      describe(*delivery.ledger, report);
    } else {
      report.add("ledger", Absent{});
    }
    describe(delivery.link, report);
    const auto unread = delivery.unread();
    report.add("unread", unread && *unread >= 0 ? Value(static_cast<std::uint64_t>(*unread))
                                                : Value(Absent{}));
    report.add_optional("agrees_with_link", delivery.agrees());
  }
}

void describe(const DemoPattern& pattern, Report& report) {
  report.add("name", pattern.name);
  report.add("tcp_connections", std::uint64_t{pattern.connections()});
  for (std::size_t n = 0; n < pattern.senders.size(); ++n) {
    const Report::Scope scope(report, fmt::format("senders[{}]", n));
    describe(pattern.senders[n], report);
  }
  for (std::size_t n = 0; n < pattern.receivers.size(); ++n) {
    const Report::Scope scope(report, fmt::format("receivers[{}]", n));
    describe(pattern.receivers[n], pattern, report);
  }
  if (const auto map = loss_map_of(pattern, columns_of_the_map)) {
    describe(*map, pattern.senders.front().sending.receivers, report);
  } else {
    report.add("loss_map", Absent{});
  }
}

std::string messages(std::uint64_t count) {
  return fmt::format("{} {}", count, count == 1 ? "message" : "messages");
}

void warn_of_pattern(const DemoPattern& pattern, std::vector<Warning>& found) {
  std::int64_t unread = 0;
  for (const DemoReceiver& receiver : pattern.receivers) {
    for (const DemoDelivery& delivery : receiver.deliveries) {
      if (delivery.agrees().value_or(false)) unread += *delivery.unread();
    }
  }
  if (unread > 0) {
    found.push_back(
        {"lost_in_host",
         fmt::format("{}: the receivers' sockets lost {} that came over the links, as this "
                     "machine was busy.",
                     pattern.name, messages(static_cast<std::uint64_t>(unread)))});
  }
  for (const DemoReceiver& receiver : pattern.receivers) {
    if (receiver.failure) {
      found.push_back({"receiver_failed",
                       fmt::format("{}: {}: {}", pattern.name, receiver.name, *receiver.failure)});
    }
    for (const DemoDelivery& delivery : receiver.deliveries) {
      const std::string& from = pattern.senders[delivery.sender].name;
      if (!delivery.ledger) {
        found.push_back({"heard_nothing", fmt::format("{}: {} heard nothing of {}.", pattern.name,
                                                      receiver.name, from)});
      }
      if (delivery.agrees() != std::optional(false)) continue;
      found.push_back({"disagrees_with_link",
                       fmt::format("{}: {} counts {} of {}, and its link let {} through.",
                                   pattern.name, receiver.name, messages(delivery.delivered()),
                                   from, delivery.link->forwarded)});
    }
  }
}

}  // namespace

std::optional<LossMap> loss_map_of(const DemoPattern& pattern, std::size_t columns) {
  if (pattern.senders.size() != 1 || pattern.receivers.size() < 2) return std::nullopt;
  const GroupSending& sending = pattern.senders.front().sending;
  if (sending.receivers.empty()) return std::nullopt;
  return loss_map_of(sending, columns);
}

std::vector<Warning> warnings(const MulticastDemo& demo) {
  std::vector<Warning> found;
  if (demo.no_lab) {
    found.push_back({"no_lab",
                     "All went over loopback, where nothing gets lost on the way, as "
                     "there are no networks to be made here: " +
                         *demo.no_lab});
  }
  std::uint64_t skipped = 0;
  std::uint64_t offered = 0;
  for (const DemoPattern& pattern : demo.patterns) {
    warn_of_pattern(pattern, found);
    for (const DemoSender& sender : pattern.senders) {
      skipped += sender.sending.sender.counts.skipped;
      offered += sender.sending.sender.counts.offered;
    }
  }
  if (skipped * part_that_matters > offered) {
    found.push_back({"schedule_skipped",
                     fmt::format("{} left later than they were due, as this machine was busy.",
                                 messages(skipped))});
  }
  for (const TruthNote& note : demo.doubts) found.push_back({note.id, note.text});
  return found;
}

Report describe(const MulticastDemo& demo) {
  Report report;
  report.add("schema", std::string("netduel/multicast/1"));
  report.add("role", std::string("demo"));
  {
    const Report::Scope plan(report, "plan");
    report.add("receivers", std::uint64_t{demo.spec.receivers});
    report.add("seed", demo.spec.seed);
    report.add("lab", demo.in_lab);
  }
  if (demo.patterns.empty()) report.add("patterns", EmptyList{});
  for (std::size_t n = 0; n < demo.patterns.size(); ++n) {
    const Report::Scope scope(report, fmt::format("patterns[{}]", n));
    describe(demo.patterns[n], report);
  }
  describe(warnings(demo), report);
  report.add("interrupted", demo.interrupted);
  report.add_optional("error", demo.error);
  return report;
}

}  // namespace netduel
