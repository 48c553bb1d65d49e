#include "netduel/measure/ledger.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace netduel {
namespace {

std::uint64_t less(std::uint64_t count, std::uint64_t taken_off) {
  return count - std::min(count, taken_off);
}

/// Whether the socket may have dropped what was not a missing message of this stream.
bool others_may_have_been_dropped(const ReceiverCounts& receiver) {
  return receiver.duplicates + receiver.foreign + receiver.corrupted + receiver.stale > 0;
}

Bounds bound_lost_in_host(const SenderCounts& sender, const ReceiverCounts& receiver,
                          const LedgerContext& context, std::uint64_t missing) {
  if (!receiver.drops_known) return {0, missing};
  const DropGaps& gaps = receiver.drop_gaps;
  const std::uint64_t smallest = std::max(1U, sender.super_packets.smallest);
  const std::uint64_t largest = std::max(smallest, std::uint64_t{sender.super_packets.largest});

  Bounds lost = gaps.messages_dropped(sender.super_packets);
  lost.high += gaps.drops_outside_gaps() * largest;
  // A super-packet that overtook others was counted in a gap smaller than itself.
  if (receiver.reordered > 0) lost.high = std::max(lost.high, gaps.drops() * largest);
  if (others_may_have_been_dropped(receiver) && gaps.drops() > 0) lost.low = 0;
  if (gaps.drops() > 0) lost.low = less(lost.low, context.others_dropped_at_most);
  // A bad checksum raises the same counter, but it was the network that lost the message.
  lost.low = less(lost.low, context.host.checksum_errors.value_or(0) * smallest);
  if (const auto errors = context.host.receive_buffer_errors) {
    lost.high = std::min(lost.high, *errors * largest);
    lost.low = std::min(lost.low, lost.high);
  }
  // What this host loses without its socket's counter rising.
  lost.high += context.host.softnet_drops.value_or(0) * largest + receiver.truncated;
  // Cut short, a trial leaves messages unread in the receive buffer.
  if (context.cut) lost.high = missing;
  lost.high = std::min(lost.high, missing);
  lost.low = std::min(lost.low, lost.high);
  return lost;
}

void add_check(Ledger& ledger, std::string name, bool passed, std::string detail) {
  ledger.checks.push_back({std::move(name), passed, std::move(detail)});
}

void check_counts(Ledger& ledger, const ReceiverCounts& receiver) {
  add_check(ledger, "offered_is_refused_plus_sent", ledger.offered == ledger.refused + ledger.sent,
            fmt::format("Of {} messages offered, {} were refused and {} were sent.", ledger.offered,
                        ledger.refused, ledger.sent));
  add_check(ledger, "delivered_within_sent", ledger.delivered <= ledger.sent,
            fmt::format("{} different messages were delivered of {} sent.", ledger.delivered,
                        ledger.sent));
  add_check(ledger, "numbers_within_sent", receiver.next_expected <= ledger.sent,
            fmt::format("The numbers that came reach up to {} of {} sent.", receiver.next_expected,
                        ledger.sent));
}

void check_losses(Ledger& ledger, const ReceiverCounts& receiver, const LedgerContext& context) {
  // Without the socket's drops, and after a cut, this host might have lost everything, and the
  // check could not fail.
  if (context.loopback && receiver.drops_known && !context.cut) {
    const std::uint64_t unexplained = ledger.lost_elsewhere->low;
    add_check(ledger, "nothing_lost_elsewhere_on_loopback", unexplained == 0,
              fmt::format("Both ends are in this host, and at least {} messages went missing that "
                          "its drops don't explain.",
                          unexplained));
  }
  const auto& [buffer_errors, checksum_errors, softnet_drops] = context.host;
  if (receiver.drops_known && buffer_errors && checksum_errors) {
    const std::uint64_t drops = receiver.drop_gaps.drops();
    add_check(ledger, "host_counters_cover_socket_drops",
              drops <= *buffer_errors + *checksum_errors,
              fmt::format("The socket counted {} drops, the host {} receive buffer errors and {} "
                          "checksum errors.",
                          drops, *buffer_errors, *checksum_errors));
  }
}

void check_guarantee(Ledger& ledger, const ReceiverCounts& receiver, std::uint64_t unread,
                     bool cut) {
  const std::uint64_t broken =
      receiver.reordered + receiver.duplicates + receiver.stale + receiver.corrupted;
  add_check(ledger, "service_kept_its_guarantee", broken == 0 && (cut || unread == 0),
            fmt::format("{} messages came out of order, {} twice, {} corrupted, and {} that were "
                        "sent were not read{}.",
                        receiver.reordered + receiver.stale, receiver.duplicates,
                        receiver.corrupted, unread, cut ? " when the run was cut" : ""));
}

void add(std::optional<Bounds>& total, const std::optional<Bounds>& more) {
  if (!more) return;
  const Bounds before = total.value_or(Bounds{});
  total = Bounds{before.low + more->low, before.high + more->high};
}

void add(std::optional<std::uint64_t>& total, const std::optional<std::uint64_t>& more) {
  if (more) total = total.value_or(0) + *more;
}

void add(std::vector<Check>& total, const std::vector<Check>& more) {
  for (const Check& check : more) {
    const auto same = std::find_if(total.begin(), total.end(),
                                   [&](const Check& c) { return c.name == check.name; });
    if (same == total.end()) {
      total.push_back(check);
    } else if (same->passed && !check.passed) {
      *same = check;
    }
  }
}

void describe(std::string_view name, const std::optional<Bounds>& bounds, Report& report) {
  if (!bounds) {
    report.add(name, Absent{});
    return;
  }
  const Report::Scope scope(report, name);
  report.add("low", bounds->low);
  report.add("high", bounds->high);
}

void describe(const std::vector<Check>& checks, Report& report) {
  if (checks.empty()) report.add("checks", EmptyList{});
  for (std::size_t n = 0; n < checks.size(); ++n) {
    const Report::Scope scope(report, fmt::format("checks[{}]", n));
    report.add("name", checks[n].name);
    report.add("passed", checks[n].passed);
    report.add("detail", checks[n].detail);
  }
}

}  // namespace

Ledger close_ledger(const SenderCounts& sender, const ReceiverCounts& receiver,
                    const LedgerContext& context) {
  const std::uint64_t missing = less(sender.sent, receiver.unique);
  Ledger ledger;
  ledger.skipped = sender.skipped;
  ledger.offered = sender.offered;
  ledger.refused = sender.refused;
  ledger.sent = sender.sent;
  ledger.delivered = receiver.unique;
  ledger.foreign = receiver.foreign;
  ledger.corrupted = receiver.corrupted;
  ledger.truncated = receiver.truncated;
  ledger.guaranteed_by_service = context.guaranteed_by_service;
  check_counts(ledger, receiver);
  if (context.guaranteed_by_service) {
    // Each message comes once, so those that came corrupted are none of the others.
    const std::uint64_t unread = less(missing, receiver.corrupted);
    if (context.cut) ledger.unacknowledged = unread;
    check_guarantee(ledger, receiver, unread, context.cut);
    return ledger;
  }
  ledger.reordered = receiver.reordered;
  ledger.duplicates = receiver.duplicates;
  Bounds in_host = bound_lost_in_host(sender, receiver, context, missing);
  // With both ends in this host there is nowhere else to lose a message: whatever its drops can
  // explain, they do. What they can't is left over, and fails a check.
  if (context.loopback) in_host.low = less(in_host.high, receiver.stale);
  ledger.lost_in_host = in_host;
  // Stale arrivals may have been messages that came too late rather than not at all.
  ledger.lost_elsewhere =
      Bounds{less(missing - in_host.high, receiver.stale), missing - in_host.low};
  check_losses(ledger, receiver, context);
  return ledger;
}

void check_against_link(Ledger& ledger, const LinkFigures& link) {
  if (!ledger.lost_elsewhere || !ledger.lost_in_host) return;
  const Bounds& elsewhere = *ledger.lost_elsewhere;
  const std::uint64_t least = less(link.dropped, link.dropped_copies_at_most);
  const std::uint64_t most = link.dropped + link.undelivered_at_most;
  add_check(
      ledger, "lost_elsewhere_is_the_links", elsewhere.low <= most && least <= elsewhere.high,
      fmt::format("Between {} and {} messages were lost elsewhere; the link dropped {} to {}.",
                  elsewhere.low, elsewhere.high, least, most));
  add_check(ledger, "corrupted_within_the_links", ledger.corrupted <= link.corrupted,
            fmt::format("{} messages came corrupted; the link corrupted {} packets.",
                        ledger.corrupted, link.corrupted));
  const bool exact = link.dropped_copies_at_most == 0 && link.undelivered_at_most == 0 &&
                     ledger.lost_in_host->high == 0;
  if (!exact) return;
  add_check(ledger, "duplicates_are_the_links", ledger.duplicates == link.duplicated,
            fmt::format("{} duplicates came; the link made {}.", ledger.duplicates.value_or(0),
                        link.duplicated));
  add_check(ledger, "reordered_are_the_links", ledger.reordered == link.reordered,
            fmt::format("{} messages came out of order; the link reordered {}.",
                        ledger.reordered.value_or(0), link.reordered));
}

bool Ledger::balanced() const {
  const Bounds in_host = lost_in_host.value_or(Bounds{});
  const Bounds elsewhere = lost_elsewhere.value_or(Bounds{});
  // Without guarantees a corrupted message is among the lost, and may have been a copy.
  const std::uint64_t known =
      delivered + unacknowledged + (guaranteed_by_service ? corrupted : std::uint64_t{0});
  return offered == refused + sent && known + in_host.low + elsewhere.low <= sent &&
         sent <= known + in_host.high + elsewhere.high &&
         std::all_of(checks.begin(), checks.end(), [](const Check& c) { return c.passed; });
}

Ledger sum(std::span<const Ledger> ledgers) {
  Ledger total;
  for (const Ledger& ledger : ledgers) {
    total.skipped += ledger.skipped;
    total.offered += ledger.offered;
    total.refused += ledger.refused;
    total.sent += ledger.sent;
    total.delivered += ledger.delivered;
    add(total.lost_in_host, ledger.lost_in_host);
    add(total.lost_elsewhere, ledger.lost_elsewhere);
    add(total.reordered, ledger.reordered);
    add(total.duplicates, ledger.duplicates);
    total.foreign += ledger.foreign;
    total.corrupted += ledger.corrupted;
    total.truncated += ledger.truncated;
    total.unacknowledged += ledger.unacknowledged;
    add(total.checks, ledger.checks);
  }
  if (ledgers.size() > 1) {
    for (Check& check : total.checks) {
      if (!check.passed) continue;
      check.detail = fmt::format("In each of {}; of the first: {}", ledgers.size(), check.detail);
    }
  }
  total.guaranteed_by_service =
      !ledgers.empty() && std::all_of(ledgers.begin(), ledgers.end(), [](const Ledger& ledger) {
        return ledger.guaranteed_by_service;
      });
  return total;
}

void describe(const Ledger& ledger, Report& report) {
  const Report::Scope scope(report, "ledger");
  report.add("skipped", ledger.skipped);
  report.add("offered", ledger.offered);
  report.add("refused", ledger.refused);
  report.add("sent", ledger.sent);
  report.add("delivered", ledger.delivered);
  describe("lost_in_host", ledger.lost_in_host, report);
  describe("lost_elsewhere", ledger.lost_elsewhere, report);
  report.add_optional("reordered", ledger.reordered);
  report.add_optional("duplicates", ledger.duplicates);
  report.add("foreign", ledger.foreign);
  report.add("corrupted", ledger.corrupted);
  report.add("truncated", ledger.truncated);
  if (ledger.guaranteed_by_service) {
    report.add("unacknowledged", ledger.unacknowledged);
  } else {
    report.add("unacknowledged", Absent{});
  }
  report.add("guaranteed_by_service", ledger.guaranteed_by_service);
  describe(ledger.checks, report);
}

}  // namespace netduel
