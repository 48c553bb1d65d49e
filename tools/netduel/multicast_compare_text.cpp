#include "multicast_compare_text.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "csv.hpp"
#include "experiment/multicast_compare_report.hpp"
#include "netduel/base/units.hpp"
#include "report/bar.hpp"
#include "report/grid.hpp"
#include "report/table.hpp"

namespace netduel::tool {
namespace {

constexpr std::array methods = {DeliveryMethod::multicast, DeliveryMethod::unicast,
                                DeliveryMethod::tcp};
/// Beyond it a method's octets would not be called flat.
constexpr double flat = 0.02;

struct Column {
  std::string_view title;
  std::string_view metric;
  std::string_view unit = {};
};

constexpr std::array columns = {
    Column{"on sender's link", "sender_link_octets", "octets"},
    Column{"packets", "sender_link_packets"},
    Column{"sender CPU", "sender_cpu_seconds", "s"},
    Column{"last has it", "last_has_it_seconds", "s"},
    Column{"delay p50", "slowest_delay_seconds.p50", "s"},
    Column{"p99", "slowest_delay_seconds.p99", "s"},
    Column{"delivered", "delivered_ratio", "ratio"},
};

constexpr std::array csv_columns = {
    "receivers",
    "method",
    "trials",
    "failed_trials",
    "repeated_trials",
    "disturbed_trials",
    "sender_link_octets",
    "sender_link_packets",
    "sender_link.out.octets",
    "sender_link.out.packets",
    "sender_link.in.octets",
    "sender_link.in.packets",
    "times_one_receiver",
    "sender_cpu_seconds",
    "last_has_it_seconds",
    "slowest_delay_seconds.p50",
    "slowest_delay_seconds.p99",
    "delivered_ratio",
    "offered",
    "delivered",
    "skipped",
    "unsent_at_the_end",
    "retransmitted_segments",
};

std::string in_words(DeliveryMethod method) {
  return method == DeliveryMethod::tcp ? "TCP" : std::string(name_of(method));
}

/// Calls `what` with each row that the report has, its scope, and whether it is the first with so
/// many receivers.
template <class What>
void for_each_row(const MulticastComparison& all, What what) {
  std::size_t count = 0;
  std::size_t receivers = 0;
  for (const DeliveryRow& row : all.rows) {
    if (row.trials.empty() && row.failures.empty()) continue;
    what(row, fmt::format("rows[{}]", count++), row.receivers != receivers);
    receivers = row.receivers;
  }
}

std::optional<double> number(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* real = std::get_if<double>(value)) return *real;
  return std::nullopt;
}

std::string heading(const MulticastComparison& all) {
  const MulticastCompareSpec& spec = all.spec;
  std::string path = "loopback";
  if (spec.star) {
    path = "a lab";
    if (!spec.star->description.empty()) path += fmt::format(" ({})", spec.star->description);
  }
  return fmt::format(
      "{} in messages of {} octets for {} to {} receivers, {} {} of each, {}, {}, seed {}\n",
      format_bit_rate(spec.stream.bits_per_second), spec.stream.message_octets,
      format_duration(std::chrono::duration<double>(spec.stream.time).count()),
      fmt::join(spec.receivers, ", "), spec.trials, spec.trials == 1 ? "trial" : "trials",
      spec.stream.ip_version == IpVersion::v4 ? "IPv4" : "IPv6", path, spec.seed);
}

std::string table(const MulticastComparison& all, const Report& report) {
  std::vector<std::vector<std::string>> rows = {{"receivers", ""}};
  for (const Column& column : columns) rows.front().emplace_back(column.title);
  for_each_row(all, [&](const DeliveryRow& row, const std::string& scope, bool is_first) {
    auto& cells = rows.emplace_back();
    cells.push_back(is_first ? fmt::format("{}", row.receivers) : "");
    cells.push_back(in_words(row.method));
    for (const Column& column : columns) {
      const Value* const value = report.find(join_path(scope, column.metric));
      cells.push_back(value != nullptr ? format_value(*value, column.unit) : "–");
    }
  });
  return to_grid(rows, 2);
}

std::string chart(const MulticastComparison& all, const Report& report, const Column& figure) {
  constexpr std::size_t width = 50;
  double most = 0;
  for_each_row(all, [&](const DeliveryRow&, const std::string& scope, bool) {
    most = std::max(most, number(report.find(join_path(scope, figure.metric))).value_or(0));
  });
  if (most <= 0) return {};
  std::vector<std::vector<std::string>> rows;
  for_each_row(all, [&](const DeliveryRow& row, const std::string& scope, bool is_first) {
    const auto value = number(report.find(join_path(scope, figure.metric)));
    const std::string text =
        value ? fmt::format("{} {}", bar(*value / most, width), format_value(*value, figure.unit))
              : "–";
    rows.push_back({is_first ? fmt::format("{}", row.receivers) : "", in_words(row.method), text});
  });
  return fmt::format("\n{}\n{}", figure.title, to_grid(rows, 3));
}

std::string bounds(const Interval& interval) {
  if (!interval.low || !interval.high) return {};
  return fmt::format(" [{:.3f}, {:.3f}]", *interval.low, *interval.high);
}

/// How one figure grows, a line a method.
std::string growth(const MulticastComparison& all, std::string_view title, std::string_view unit,
                   std::optional<double> (*figure)(const DeliveryTrial&)) {
  std::vector<std::vector<std::string>> rows;
  for (const DeliveryMethod method : methods) {
    const auto slope = slope_of(all, method, figure);
    if (!slope || !slope->relative.median) continue;
    // Less than the smallest figure that is worth a word is none, whatever its sign.
    const double each = *slope->per_receiver.median;
    const std::string shown =
        fmt::format("{}{}", each < 0 ? "-" : "", format_value(std::abs(each), unit));
    rows.push_back({"  " + in_words(method), shown,
                    fmt::format("{:.3f}{} of what one receiver takes", *slope->relative.median,
                                bounds(slope->relative))});
  }
  if (rows.empty()) return {};
  return fmt::format("\n{}, for each receiver more\n{}", title, to_grid(rows, 1));
}

/// "To 32 receivers the sender's link carried what ...".
std::string conclusion(const MulticastComparison& all) {
  std::vector<std::string> times;
  std::size_t most = 0;
  for (const DeliveryRow& row : all.rows) {
    if (times_one_receiver(all, row)) most = row.receivers;
  }
  if (most < 2) return {};
  for (const DeliveryRow& row : all.rows) {
    const auto value = times_one_receiver(all, row);
    if (row.receivers != most || !value) continue;
    times.push_back(fmt::format("{} {:.2f} times", in_words(row.method), *value));
  }
  std::string text = fmt::format(
      "\nTo {} receivers the sender's link carried, of the octets that one receiver takes: {}.\n",
      most, fmt::join(times, ", "));
  const auto slope = slope_of(all, DeliveryMethod::multicast, sender_link_octets);
  if (slope && slope->relative.median && std::abs(*slope->relative.median) <= flat) {
    text +=
        "With multicast it is the network that copies: the sender's link carries the same, "
        "however many listen.\n";
  }
  return text;
}

}  // namespace

std::string as_text(const MulticastComparison& all, const Report& report) {
  std::string text = heading(all) + table(all, report);
  text += chart(all, report, {"octets on the sender's link", "sender_link_octets", "octets"});
  text += chart(all, report, {"processor time of the sender", "sender_cpu_seconds", "s"});
  text += growth(all, "octets on the sender's link", "octets", sender_link_octets);
  text += growth(all, "processor time of the sender", "s", sender_cpu_seconds);
  text += conclusion(all);
  if (all.interrupted) text += "Interrupted: the figures are of what had run until then.\n";
  const auto list = warnings(all);
  if (!list.empty()) text += '\n';
  for (const Warning& warning : list) text += fmt::format("warning: {}\n", warning.text);
  return text;
}

std::string as_csv(const MulticastComparison& all, const Report& report) {
  std::string text;
  for (const std::string_view column : csv_columns) {
    std::string name(column);
    std::ranges::replace(name, '.', '_');
    text += fmt::format("{}{}", text.empty() ? "" : ",", name);
  }
  text += "\n";
  for_each_row(all, [&](const DeliveryRow&, const std::string& scope, bool) {
    std::vector<std::string> cells;
    for (const std::string_view column : csv_columns) {
      cells.push_back(csv_cell(report.find(join_path(scope, column))));
    }
    text += fmt::format("{}\n", fmt::join(cells, ","));
  });
  return text;
}

}  // namespace netduel::tool
