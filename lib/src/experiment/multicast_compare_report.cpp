#include "experiment/multicast_compare_report.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/seconds.hpp"
#include "experiment/setting_report.hpp"
#include "measure/line.hpp"
#include "netduel/measure/paired.hpp"

namespace netduel {
namespace {

constexpr std::array methods = {DeliveryMethod::multicast, DeliveryMethod::unicast,
                                DeliveryMethod::tcp};

/// One way of the sender's link.
template <class Member>
void describe_way(const DeliveryRow& row, std::string_view name, Member way, Report& report) {
  std::vector<double> octets;
  std::vector<double> packets;
  for (const DeliveryTrial& trial : row.trials) {
    if (!trial.link) continue;
    const TrialTraffic& traffic = (*trial.link).*way;
    octets.push_back(static_cast<double>(traffic.wire_octets()));
    packets.push_back(static_cast<double>(traffic.packets));
  }
  const Report::Scope scope(report, name);
  report.add_optional("octets", median(octets), "octets");
  report.add_optional("packets", median(packets));
}

std::optional<double> link_packets(const DeliveryTrial& trial) {
  if (!trial.link) return std::nullopt;
  return static_cast<double>(trial.link->out.packets + trial.link->in.packets);
}

struct Counts {
  std::uint64_t offered = 0;
  std::uint64_t delivered = 0;
  std::uint64_t left = 0;
  std::uint64_t skipped = 0;
  std::uint64_t checks = 0;
  std::uint64_t failed_checks = 0;
  std::optional<std::uint64_t> retransmitted;
};

Counts counts_of(const DeliveryRow& row) {
  Counts counts;
  for (const DeliveryTrial& trial : row.trials) {
    counts.offered += trial.offered;
    counts.delivered += trial.delivered;
    counts.left += trial.left_at_the_end;
    counts.skipped += trial.skipped;
    counts.checks += trial.checks.size();
    counts.failed_checks += static_cast<std::uint64_t>(
        std::ranges::count_if(trial.checks, [](const Check& check) { return !check.passed; }));
    if (trial.retransmitted_segments) {
      counts.retransmitted = counts.retransmitted.value_or(0) + *trial.retransmitted_segments;
    }
  }
  return counts;
}

void describe_row(const MulticastComparison& all, const DeliveryRow& row, Report& report) {
  const Counts counts = counts_of(row);
  report.add("method", std::string(name_of(row.method)));
  report.add("receivers", std::uint64_t{row.receivers});
  report.add("trials", std::uint64_t{row.trials.size()});
  report.add("failed_trials", std::uint64_t{row.failures.size()});
  report.add("repeated_trials", std::uint64_t{row.repeated});
  report.add("disturbed_trials", std::uint64_t{row.disturbed});
  report.add_optional("sender_link_octets", median_over(row, sender_link_octets), "octets");
  report.add_optional("sender_link_packets", median_over(row, link_packets));
  describe_way(row, "sender_link.out", &SenderLink::out, report);
  describe_way(row, "sender_link.in", &SenderLink::in, report);
  report.add_optional("times_one_receiver", times_one_receiver(all, row));
  report.add_optional("sender_cpu_seconds", median_over(row, sender_cpu_seconds), "s");
  report.add_optional(
      "last_has_it_seconds",
      median_over(row, [](const DeliveryTrial& trial) { return seconds(trial.last_has_it); }), "s");
  {
    const Report::Scope scope(report, "slowest_delay_seconds");
    report.add_optional(
        "p50",
        median_over(row, [](const DeliveryTrial& trial) { return seconds(trial.slowest_p50); }),
        "s");
    report.add_optional(
        "p99",
        median_over(row, [](const DeliveryTrial& trial) { return seconds(trial.slowest_p99); }),
        "s");
  }
  const bool any = counts.offered > 0;
  report.add_optional("delivered_ratio",
                      any ? std::optional(static_cast<double>(counts.delivered) /
                                          static_cast<double>(counts.offered))
                          : std::nullopt,
                      "ratio");
  report.add("offered", counts.offered);
  report.add("delivered", counts.delivered);
  report.add("skipped", counts.skipped);
  report.add("unsent_at_the_end", counts.left);
  report.add_optional("retransmitted_segments", counts.retransmitted);
  report.add("checks.held", counts.checks - counts.failed_checks);
  report.add("checks.failed", counts.failed_checks);
}

void describe_plan(const MulticastComparison& all, Report& report) {
  const MulticastCompareSpec& spec = all.spec;
  const Report::Scope scope(report, "plan");
  report.add("path", std::string(spec.star ? "lab" : "loopback"));
  report.add("ip_version", std::uint64_t{spec.stream.ip_version == IpVersion::v4 ? 4u : 6u});
  for (std::size_t n = 0; n < spec.receivers.size(); ++n) {
    report.add(fmt::format("receivers[{}]", n), std::uint64_t{spec.receivers[n]});
  }
  report.add("bits_per_second", spec.stream.bits_per_second, "bit/s");
  report.add("message_octets", std::uint64_t{spec.stream.message_octets}, "octets");
  report.add("time_seconds", seconds(spec.stream.time), "s");
  report.add("messages", spec.stream.messages());
  report.add("trials", std::uint64_t{spec.trials});
  report.add("seed", spec.seed);
  describe_processors(all.processors, report);
  if (!spec.star) {
    report.add("lab", Absent{});
    return;
  }
  report.add("lab.description", spec.star->description);
  report.add("lab.hosts", std::uint64_t{spec.star->ports.size() - 1});
  report.add("lab.mtu_octets", std::uint64_t{spec.star->mtu_octets}, "octets");
}

void describe_slope(const MulticastComparison& all, DeliveryMethod method, const char* name,
                    std::optional<double> (*figure)(const DeliveryTrial&), Report& report) {
  const auto slope = slope_of(all, method, figure);
  if (!slope) {
    report.add(name, Absent{});
    return;
  }
  const Report::Scope scope(report, name);
  report.add("per_receiver", slope->per_receiver);
  report.add("relative", slope->relative);
}

bool has_ran(const DeliveryRow& row) {
  return !row.trials.empty() || !row.failures.empty();
}

/// "multicast to 8", and more.
class Places {
 public:
  void add(const DeliveryRow& row) {
    names_.push_back(fmt::format("{} to {}", name_of(row.method), row.receivers));
  }
  bool empty() const { return names_.empty(); }
  std::string text() const {
    constexpr std::size_t most_named = 4;
    const std::size_t named = std::min(most_named, names_.size());
    const std::vector<std::string> first(names_.begin(),
                                         names_.begin() + static_cast<std::ptrdiff_t>(named));
    const std::size_t others = names_.size() - named;
    return fmt::format("{}{}", fmt::join(first, "; "),
                       others > 0 ? fmt::format("; and {} more", others) : "");
  }

 private:
  std::vector<std::string> names_;
};

template <class Predicate>
Places places_where(const MulticastComparison& all, Predicate holds) {
  Places places;
  for (const DeliveryRow& row : all.rows) {
    if (holds(row)) places.add(row);
  }
  return places;
}

void add_path(const MulticastComparison& all, std::vector<Warning>& list) {
  if (all.no_lab) {
    list.push_back(
        {"no_lab", fmt::format("No emulated network could be made ({}), so all ran over loopback, "
                               "where nobody counts a sender's packets and nothing is far away: "
                               "only processor time and delivery are told.",
                               *all.no_lab)});
  }
  if (!all.truth) return;
  if (!all.truth->trustworthy) {
    list.push_back(
        {"lab_not_trustworthy",
         "The emulated path was not all that was asked for: the warnings of it say why."});
  }
  for (const TruthNote& note : all.truth->why) {
    list.push_back({note.id, fmt::format("The emulated path, {}.", note.text)});
  }
}

const Check* first_failed(const MulticastComparison& all) {
  for (const DeliveryRow& row : all.rows) {
    for (const DeliveryTrial& trial : row.trials) {
      const auto failed = std::ranges::find(trial.checks, false, &Check::passed);
      if (failed != trial.checks.end()) return &*failed;
    }
  }
  return nullptr;
}

const std::string& first_failure(const MulticastComparison& all) {
  const auto row =
      std::ranges::find_if(all.rows, [](const DeliveryRow& one) { return !one.failures.empty(); });
  return row->failures.front();
}

}  // namespace

std::optional<double> median_over(const DeliveryRow& row,
                                  std::optional<double> (*figure)(const DeliveryTrial&)) {
  std::vector<double> values;
  for (const DeliveryTrial& trial : row.trials) {
    if (const auto value = figure(trial)) values.push_back(*value);
  }
  return median(values);
}

std::optional<double> sender_link_octets(const DeliveryTrial& trial) {
  if (!trial.link) return std::nullopt;
  return static_cast<double>(trial.link->out.wire_octets() + trial.link->in.wire_octets());
}

std::optional<double> sender_cpu_seconds(const DeliveryTrial& trial) {
  return seconds(trial.sender_cpu);
}

std::optional<DeliverySlope> slope_of(const MulticastComparison& all, DeliveryMethod method,
                                      std::optional<double> (*figure)(const DeliveryTrial&)) {
  std::vector<double> receivers;
  std::vector<double> values;
  std::optional<double> of_one;
  for (const DeliveryRow& row : all.rows) {
    if (row.method != method) continue;
    if (row.receivers == 1) of_one = median_over(row, figure);
    for (const DeliveryTrial& trial : row.trials) {
      const auto value = figure(trial);
      if (!value) continue;
      receivers.push_back(static_cast<double>(row.receivers));
      values.push_back(*value);
    }
  }
  const auto line = fit_line(receivers, values);
  if (!line) return std::nullopt;
  DeliverySlope slope{.per_receiver = line->slope, .relative = {}};
  const double one = of_one.value_or(line->at(1));
  slope.relative.method = line->slope.method;
  if (one <= 0) return slope;
  const auto by_one = [&](const std::optional<double>& value) {
    return value ? std::optional(*value / one) : std::nullopt;
  };
  slope.relative.median = by_one(line->slope.median);
  slope.relative.low = by_one(line->slope.low);
  slope.relative.high = by_one(line->slope.high);
  return slope;
}

std::optional<double> times_one_receiver(const MulticastComparison& all, const DeliveryRow& row) {
  const auto one = std::ranges::find_if(all.rows, [&](const DeliveryRow& other) {
    return other.method == row.method && other.receivers == 1;
  });
  if (one == all.rows.end()) return std::nullopt;
  const auto octets = median_over(row, sender_link_octets);
  const auto of_one = median_over(*one, sender_link_octets);
  if (!octets || !of_one || *of_one <= 0) return std::nullopt;
  return *octets / *of_one;
}

Report describe(const MulticastComparison& all) {
  Report report;
  report.add("schema", std::string("netduel/multicast-compare/1"));
  describe_host(report);
  describe_plan(all, report);
  std::size_t count = 0;
  for (const DeliveryRow& row : all.rows) {
    if (!has_ran(row)) continue;
    const Report::Scope scope(report, fmt::format("rows[{}]", count++));
    describe_row(all, row, report);
  }
  if (count == 0) report.add("rows", EmptyList{});
  for (const DeliveryMethod method : methods) {
    const Report::Scope scope(report, fmt::format("slopes.{}", name_of(method)));
    describe_slope(all, method, "sender_link_octets", sender_link_octets, report);
    describe_slope(all, method, "sender_cpu_seconds", sender_cpu_seconds, report);
  }
  report.add("lab_trustworthy", all.truth ? Value(all.truth->trustworthy) : Absent{});
  describe(warnings(all), report);
  report.add("interrupted", all.interrupted);
  if (all.error) report.add("error", *all.error);
  return report;
}

std::vector<Warning> warnings(const MulticastComparison& all) {
  std::vector<Warning> list;
  const auto add = [&](const char* id, const Places& places, const std::string& text) {
    if (!places.empty()) list.push_back({id, fmt::format("{} ({})", text, places.text())});
  };
  add_path(all, list);
  if (const Check* const failed = first_failed(all)) {
    add("check_failed",
        places_where(all, [](const DeliveryRow& row) { return counts_of(row).failed_checks > 0; }),
        fmt::format("What the ends counted is not what the links did ({}: {}): don't rely on these "
                    "rows.",
                    failed->name, failed->detail));
  }
  add("trials_repeated", places_where(all, [](const DeliveryRow& row) { return row.repeated > 0; }),
      "This machine was too busy for the emulated path, a receiver or the schedule in some trials; "
      "they were left out and run again. An idle machine, a lower rate (-b) or fewer receivers "
      "help.");
  add("trials_disturbed",
      places_where(all, [](const DeliveryRow& row) { return row.disturbed > 0; }),
      "It was so again each time, and what is told is of such trials.");
  add("offered_rate_not_carried",
      places_where(all, [](const DeliveryRow& row) { return counts_of(row).left > 0; }),
      "Not all that was due could be sent before the trials ended: the figures are of what the "
      "connections carried.");
  const auto failures =
      places_where(all, [](const DeliveryRow& row) { return !row.failures.empty(); });
  if (!failures.empty()) {
    add("trials_failed", failures, fmt::format("Trials could not be run: {}.", first_failure(all)));
  }
  return list;
}

}  // namespace netduel
