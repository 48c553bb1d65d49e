#include "sweep_text.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "csv.hpp"
#include "experiment/sweep_warnings.hpp"
#include "netduel/base/units.hpp"
#include "report/bar.hpp"
#include "report/grid.hpp"
#include "report/table.hpp"

namespace netduel::tool {
namespace {

struct Column {
  std::string_view title;
  std::string_view metric;
  std::string_view unit = {};
};

constexpr std::array columns = {
    Column{"goodput", "goodput_bits_per_second", "bit/s"},
    Column{"delivered", "delivered_ratio", "ratio"},
    Column{"delay p50", "delay_seconds.p50", "s"},
    Column{"p99", "delay_seconds.p99", "s"},
    Column{"arrival p99", "arrival_delay_seconds.p99", "s"},
    Column{"sent again", "retransmitted_segments"},
    Column{"wire/payload", "wire_octets_per_delivered_octet"},
};

/// Beside them with --verify.
constexpr Column corrupted{"corrupted", "integrity.corrupted"};

struct CsvColumn {
  std::string_view title;
  std::string_view metric;
};

constexpr std::array csv_columns = {
    CsvColumn{"transport", "transport"},
    CsvColumn{"congestion", "congestion"},
    CsvColumn{"trials", "trials"},
    CsvColumn{"failed_trials", "failed_trials"},
    CsvColumn{"repeated_trials", "repeated_trials"},
    CsvColumn{"disturbed_trials", "disturbed_trials"},
    CsvColumn{"delivered_ratio", "delivered_ratio"},
    CsvColumn{"delay_p50_seconds", "delay_seconds.p50"},
    CsvColumn{"delay_p99_seconds", "delay_seconds.p99"},
    CsvColumn{"delay_max_seconds", "delay_seconds.max"},
    CsvColumn{"arrival_delay_p50_seconds", "arrival_delay_seconds.p50"},
    CsvColumn{"arrival_delay_p99_seconds", "arrival_delay_seconds.p99"},
    CsvColumn{"arrival_delay_max_seconds", "arrival_delay_seconds.max"},
    CsvColumn{"retransmitted_segments", "retransmitted_segments"},
    CsvColumn{"wire_octets_per_delivered_octet", "wire_octets_per_delivered_octet"},
    // Empty without --verify: nobody looked.
    CsvColumn{"verified", "integrity.verified"},
    CsvColumn{"corrupted", "integrity.corrupted"},
};

std::string scope_of(std::size_t point, std::size_t row) {
  return fmt::format("points[{}].rows[{}]", point, row);
}

/// Calls `what` with each row's point, contender and scope.
template <class What>
void for_each_row(const Sweep& sweep, What what) {
  for (std::size_t p = 0; p < sweep.points.size(); ++p) {
    const SweepPoint& point = sweep.points[p];
    for (std::size_t r = 0; r < point.rows.size(); ++r) {
      what(point, point.rows[r], scope_of(p, r), r == 0);
    }
  }
}

std::optional<double> number(const Value* value) {
  if (value == nullptr) return std::nullopt;
  if (const auto* real = std::get_if<double>(value)) return *real;
  if (const auto* interval = std::get_if<Interval>(value)) return interval->median;
  return std::nullopt;
}

std::string contenders(const SweepSpec& spec) {
  if (!spec.tcp) return "UDP";
  return spec.udp ? "UDP and each congestion control" : "each congestion control of TCP";
}

std::string heading(const Sweep& sweep) {
  const SweepSpec& spec = sweep.spec;
  const CompareSpec& first = spec.points.front();
  return fmt::format("{} over {} values, {} {} of {} at each, {}, seed {}\n", spec.axis.name,
                     spec.axis.values.size(), spec.trials, spec.trials == 1 ? "trial" : "trials",
                     contenders(spec), first.ip_version == IpVersion::v4 ? "IPv4" : "IPv6",
                     spec.seed);
}

std::string table(const Sweep& sweep, const Report& report) {
  std::vector<std::vector<std::string>> rows = {{sweep.spec.axis.name, "offered", ""}};
  std::vector<Column> shown(columns.begin(), columns.end());
  if (sweep.spec.points.front().verify) shown.push_back(corrupted);
  for (const Column& column : shown) rows.front().emplace_back(column.title);
  for_each_row(sweep, [&](const SweepPoint& point, const SweepRow& row, const std::string& scope,
                          bool is_first) {
    auto& cells = rows.emplace_back();
    cells.push_back(is_first ? point.value : "");
    cells.push_back(is_first ? format_bit_rate(point.offered_bits_per_second) : "");
    cells.push_back(name_of(row.contender));
    for (const Column& column : shown) {
      const Value* const value = report.find(join_path(scope, column.metric));
      cells.push_back(value != nullptr ? format_value(*value, column.unit) : "–");
    }
  });
  return to_grid(rows, 3);
}

std::string chart(const Sweep& sweep, const Report& report, const Column& figure) {
  constexpr std::size_t width = 50;
  double most = 0;
  for_each_row(sweep, [&](const SweepPoint&, const SweepRow&, const std::string& scope, bool) {
    most = std::max(most, number(report.find(join_path(scope, figure.metric))).value_or(0));
  });
  if (most <= 0) return {};
  std::vector<std::vector<std::string>> rows;
  for_each_row(sweep, [&](const SweepPoint& point, const SweepRow& row, const std::string& scope,
                          bool is_first) {
    const auto value = number(report.find(join_path(scope, figure.metric)));
    const std::string text =
        value ? fmt::format("{} {}", bar(*value / most, width), format_value(*value, figure.unit))
              : "–";
    rows.push_back({is_first ? point.value : "", name_of(row.contender), text});
  });
  return fmt::format("\n{}\n{}", figure.title, to_grid(rows, 3));
}

}  // namespace

std::string as_text(const Sweep& sweep, const Report& report) {
  std::string text = heading(sweep) + table(sweep, report);
  text += chart(sweep, report, {"goodput", "goodput_bits_per_second", "bit/s"});
  text += chart(sweep, report, {"delivered of what was offered", "delivered_ratio", "ratio"});
  text += chart(sweep, report, {"delay of a message, p99", "delay_seconds.p99", "s"});
  if (sweep.interrupted) text += "Interrupted: the figures are of what had run until then.\n";
  const auto list = warnings(sweep);
  if (!list.empty()) text += '\n';
  for (const Warning& warning : list) text += fmt::format("warning: {}\n", warning.text);
  return text;
}

std::string as_csv(const Sweep& sweep, const Report& report) {
  std::string text = csv_text(sweep.spec.axis.name) +
                     ",offered_bits_per_second,goodput_bits_per_second,goodput_low,goodput_high";
  for (const CsvColumn& column : csv_columns) text += fmt::format(",{}", column.title);
  text += "\n";
  for_each_row(
      sweep, [&](const SweepPoint& point, const SweepRow&, const std::string& scope, bool) {
        text += fmt::format("{},{},{}", csv_text(point.value), point.offered_bits_per_second,
                            csv_interval(report.find(scope + ".goodput_bits_per_second")));
        for (const CsvColumn& column : csv_columns) {
          text += ',' + csv_cell(report.find(join_path(scope, column.metric)));
        }
        text += "\n";
      });
  return text;
}

}  // namespace netduel::tool
