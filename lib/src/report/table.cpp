#include "report/table.hpp"

#include <algorithm>
#include <cmath>

#include "netduel/base/units.hpp"
#include "report/grid.hpp"

namespace netduel {
namespace {

constexpr std::string_view en_dash = "–";
constexpr std::string_view gap = "  ";

bool is_control(char c) {
  return (c >= '\0' && c < ' ') || c == '\x7f';
}

std::string padding(std::string_view text, std::size_t to_width) {
  return std::string(to_width - std::min(to_width, text_width(text)), ' ');
}

std::string format_figure(double number, std::string_view unit) {
  if (unit == "bit/s") return format_bit_rate(number);
  if (unit == "s") return format_duration(number);
  if (unit == "ratio") return format_ratio(number);
  if (unit == "1/s") return format_count(static_cast<std::uint64_t>(std::llround(number))) + " /s";
  return unit.empty() ? format_number(number) : format_number(number).append(" ").append(unit);
}

std::string format_figure(std::uint64_t count, std::string_view unit) {
  if (unit == "octets") return format_octets(count);
  if (unit == "bit/s" || unit == "s" || unit == "ratio") {
    return format_figure(static_cast<double>(count), unit);
  }
  return unit.empty() ? format_count(count) : format_count(count).append(" ").append(unit);
}

/// What stands behind the figure proper: ` Gbit/s`, or nothing. Digits, which a space may group,
/// belong to the figure.
std::string_view unit_of(std::string_view figure) {
  return figure.substr(figure.find_last_of("0123456789") + 1);
}

std::string_view without_unit(std::string_view figure) {
  return figure.substr(0, figure.size() - unit_of(figure).size());
}

/// `[9.40, 9.61]`: the median has named the unit, unless a bound has another.
std::string format_interval(double median, double low, double high, std::string_view unit) {
  std::string text = format_figure(median, unit);
  const std::string_view shared = unit_of(text);
  const auto bound = [&](double number) {
    const std::string figure = format_figure(number, unit);
    return std::string(unit_of(figure) == shared ? without_unit(figure) : figure);
  };
  const std::string bounds = " [" + bound(low) + ", " + bound(high) + "]";
  return text + bounds;
}

bool is_finite(const std::optional<double>& number) {
  return number && std::isfinite(*number);
}

struct Format {
  std::string_view unit;
  std::string_view absent;

  std::string operator()(Absent) const { return std::string(absent); }
  std::string operator()(EmptyList) const { return "none"; }
  std::string operator()(EmptyObject) const { return "none"; }
  std::string operator()(bool value) const { return value ? "yes" : "no"; }
  std::string operator()(std::uint64_t value) const { return format_figure(value, unit); }
  std::string operator()(double value) const {
    return std::isfinite(value) ? format_figure(value, unit) : std::string(absent);
  }
  std::string operator()(std::string value) const {
    std::ranges::replace_if(value, is_control, '?');
    return value;
  }
  std::string operator()(const Interval& value) const {
    if (!is_finite(value.median)) return std::string(absent);
    if (!is_finite(value.low) || !is_finite(value.high)) return (*this)(*value.median);
    return format_interval(*value.median, *value.low, *value.high, unit);
  }
};

bool is_absent(const Value& value) {
  return std::holds_alternative<Absent>(value);
}

std::string format_bounds(const Value& low, const Value& high, const Format& format) {
  if (is_absent(low) && is_absent(high)) return std::string(format.absent);
  const std::string from = std::visit(format, low);
  std::string to = std::visit(format, high);
  if (is_absent(low)) return "at most " + to;
  if (is_absent(high)) return "at least " + from;
  if (from == to) return to;
  const bool shared = unit_of(from) == unit_of(to);
  return std::string(shared ? without_unit(from) : from) + ".." + to;
}

/// Whether something that the path leads through is absent as a whole.
bool is_within_absent(const Report& report, std::string_view path) {
  for (auto dot = path.rfind('.'); dot != path.npos; dot = path.rfind('.')) {
    path = path.substr(0, dot);
    if (const Value* value = report.find(path); value != nullptr && is_absent(*value)) return true;
  }
  return false;
}

std::string cell(const Report& report, const TableLine& line, const TableColumn& column) {
  const std::string path = join_path(column.scope, line.metric);
  const std::string_view absent =
      column.takes_absent_text ? std::string_view(line.absent) : en_dash;
  const auto format_for = [&](const Row& row) {
    return Format{.unit = line.unit.empty() ? row.unit : line.unit, .absent = absent};
  };
  if (const Row* row = report.find_row(path)) return std::visit(format_for(*row), row->value);
  const Row* low = report.find_row(join_path(path, "low"));
  const Row* high = report.find_row(join_path(path, "high"));
  if (low == nullptr || high == nullptr) {
    return std::string(is_within_absent(report, path) ? absent : en_dash);
  }
  return format_bounds(low->value, high->value, format_for(*low));
}

/// A line as it is written: the label, then one text a column.
using Cells = std::vector<std::string>;

Cells cells(const Report& report, const TableLine& line, const std::vector<TableColumn>& columns) {
  Cells written = {line.label};
  for (const TableColumn& column : columns) written.push_back(cell(report, line, column));
  return written;
}

std::vector<std::size_t> widths(const std::vector<Cells>& lines) {
  std::vector<std::size_t> widest(lines.front().size(), 0);
  for (const Cells& line : lines) {
    // A heading stands alone and may be as long as it likes.
    for (std::size_t i = 0; line.size() > 1 && i < line.size(); ++i) {
      widest[i] = std::max(widest[i], text_width(line[i]));
    }
  }
  return widest;
}

/// The label to the left, the figures to the right.
std::string align(const Cells& line, const std::vector<std::size_t>& widest) {
  std::string text = line.front();
  if (line.size() > 1) text += padding(line.front(), widest.front());
  for (std::size_t i = 1; i < line.size(); ++i) {
    text.append(gap).append(padding(line[i], widest[i])).append(line[i]);
  }
  return text;
}

std::string embolden(const std::string& text, TableStyle style) {
  return style.bold ? "\x1b[1m" + text + "\x1b[0m" : text;
}

}  // namespace

std::string format_value(const Value& value, std::string_view unit, std::string_view absent) {
  return std::visit(Format{.unit = unit, .absent = absent}, value);
}

std::string to_table(const Report& report, const std::vector<TableLine>& lines,
                     const std::vector<TableColumn>& columns, TableStyle style) {
  std::vector<Cells> written = {Cells{""}};
  for (const TableColumn& column : columns) written.front().push_back(column.title);
  for (const TableLine& line : lines) {
    const bool heading = line.metric.empty();
    written.push_back(heading ? Cells{line.label} : cells(report, line, columns));
  }

  const std::vector<std::size_t> widest = widths(written);
  std::string text = embolden(align(written.front(), widest), style) + "\n";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string line = align(written[i + 1], widest);
    text += lines[i].metric.empty() ? "\n" + embolden(line, style) : line;
    text += "\n";
  }
  return text;
}

}  // namespace netduel
