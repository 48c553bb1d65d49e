#include "netduel/base/report.hpp"

#include <ranges>
#include <utility>

namespace netduel {

std::string join_path(std::string_view scope, std::string_view name) {
  std::string path(scope);
  const bool dot = !scope.empty() && !name.empty() && name.front() != '[';
  if (dot) path += '.';
  return path.append(name);
}

Report::Scope::Scope(Report& report, std::string_view path)
    : report_(report), length_before_(report.scope_.size()) {
  report_.scope_ = join_path(report_.scope_, path);
}

Report::Scope::~Scope() {
  report_.scope_.resize(length_before_);
}

void Report::add(std::string_view metric, Value value, std::string_view unit) {
  rows_.push_back({scope_, std::string(metric), std::move(value), std::string(unit)});
}

const Row* Report::find_row(std::string_view path) const {
  for (const Row& row : std::views::reverse(rows_)) {
    // Cheap to refuse: most rows end otherwise, and no path has to be put together for those.
    if (path.ends_with(row.metric) && join_path(row.scope, row.metric) == path) return &row;
  }
  return nullptr;
}

const Value* Report::find(std::string_view path) const {
  const Row* row = find_row(path);
  return row == nullptr ? nullptr : &row->value;
}

}  // namespace netduel
