#pragma once

#include <string>
#include <vector>

#include "netduel/base/report.hpp"

namespace netduel {

/// One line of a table: the same metric from the scope of each column. A line without a metric is
/// the heading of a section.
struct TableLine {
  std::string label;
  /// A path below each column's scope. Where the report has `metric.low` and `metric.high` instead,
  /// they are bounds and shown as `12` or `10..14`, with one of them absent as `at least 10`.
  std::string metric = {};
  /// Shown for what is absent, by itself or with all that it is part of, in the columns that take
  /// it.
  std::string absent = "–";
  /// How figures are written; empty takes the unit of the row.
  std::string unit = {};
};

struct TableColumn {
  std::string title;
  std::string scope;
  /// Whether a line's own `absent` text holds here: "guaranteed" is true of TCP's loss, while an
  /// unknown loss of UDP beside it is just unknown. Without it, and for rows that the report does
  /// not have at all, an en dash stands.
  bool takes_absent_text = true;
};

struct TableStyle {
  /// Titles and headings in bold, by the escape sequences of ECMA-48.
  bool bold = false;
};

/// The figures side by side, as lines that each end in a newline: labels to the left, figures to
/// the right of their columns. Columns are aligned by code points, which holds for the letters and
/// signs used here (no combining or double-width characters). Control characters in texts, which
/// may come from a peer, are shown as '?'.
std::string to_table(const Report& report, const std::vector<TableLine>& lines,
                     const std::vector<TableColumn>& columns, TableStyle style = {});

/// A figure as tables show it: bit rates, times, ratios, octets and counts by their unit, an
/// Interval as `9.57 Gbit/s [9.40, 9.61]`. An absent one, or one that is no finite number, gives
/// `absent`.
std::string format_value(const Value& value, std::string_view unit, std::string_view absent = "–");

}  // namespace netduel
