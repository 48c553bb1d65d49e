#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "netduel/base/export.hpp"

namespace netduel {

/// No figure: the platform cannot tell, or the service guarantees it. Written as null, never as 0.
struct Absent {
  friend bool operator==(const Absent&, const Absent&) = default;
};

/// A list without entries, which rows alone could not show.
struct EmptyList {
  friend bool operator==(const EmptyList&, const EmptyList&) = default;
};

/// An object without members, which rows alone could not show either.
struct EmptyObject {
  friend bool operator==(const EmptyObject&, const EmptyObject&) = default;
};

/// An estimate with the interval it lies in; low and high are absent when there were too few
/// repetitions to give one.
struct Interval {
  std::optional<double> median;
  std::optional<double> low;
  std::optional<double> high;
  /// How the bounds were found, in words.
  std::string method;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// No figure, a list or an object without entries, yes or no, a count, a real number, a text or an
/// estimate.
using Value = std::variant<Absent, EmptyList, EmptyObject, bool, std::uint64_t, double, std::string,
                           Interval>;

/// One figure: where it belongs, what it is, its value and unit. `scope` and `metric` are paths
/// of names joined by '.', with `[n]` for the n-th of a list. Where a name ends up is its writer's
/// choice (`delay_seconds` may be of the scope or of the metric), so only the full path
/// `join_path(scope, metric)` names a row: `parts.paced.udp.delay_seconds.p50`. The unit is the
/// field's own notation ("s", "bit/s", "octets"), empty for counts and texts.
struct Row {
  std::string scope;
  std::string metric;
  Value value;
  std::string unit;
};

/// The path of `name` below `scope`: joined by '.', or by nothing when one of them is empty or
/// `name` begins with '[' and so is an entry of a list.
NETDUEL_EXPORT std::string join_path(std::string_view scope, std::string_view name);

/// Rows in the order in which they were added. Writers (text, JSON) know rows and not metrics.
/// Not thread-safe.
class NETDUEL_EXPORT Report {
 public:
  /// Rows added from now on belong to `path` below the scope given so far; the returned guard
  /// goes back when it is destroyed.
  class [[nodiscard]] Scope {
   public:
    Scope(Report& report, std::string_view path);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Report& report_;
    std::size_t length_before_;
  };

  /// Adds a row below the scope given so far. Counts are unsigned: a signed integer doesn't
  /// compile.
  void add(std::string_view metric, Value value, std::string_view unit = {});
  /// Adds `value` or, when it is empty, `Absent`.
  template <class T>
  void add_optional(std::string_view metric, const std::optional<T>& value,
                    std::string_view unit = {}) {
    if (!value) {
      add(metric, Absent{}, unit);
    } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
      add(metric, static_cast<std::uint64_t>(*value), unit);
    } else {
      add(metric, *value, unit);
    }
  }

  /// In the order in which they were added; valid until the next `add`.
  const std::vector<Row>& rows() const { return rows_; }
  /// The row at a full path (see `join_path`); nullptr when there is none. Of several it is the one
  /// added last, as in a document. The pointer is valid until the next `add`.
  const Row* find_row(std::string_view path) const;
  /// Its value alone, under the same conditions.
  const Value* find(std::string_view path) const;

 private:
  std::vector<Row> rows_;
  std::string scope_;
};

}  // namespace netduel
