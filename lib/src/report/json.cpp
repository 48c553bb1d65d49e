#include "report/json.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace netduel {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(std::string_view path, const char* why) {
  throw std::logic_error("report path '" + std::string(path) + "': " + why);
}

Json from_double(double number) {
  return std::isfinite(number) ? Json(number) : Json(nullptr);
}

Json from_optional(const std::optional<double>& number) {
  return number ? from_double(*number) : Json(nullptr);
}

struct FromValue {
  Json operator()(Absent) const { return nullptr; }
  Json operator()(EmptyList) const { return Json::array(); }
  Json operator()(EmptyObject) const { return Json::object(); }
  Json operator()(bool value) const { return value; }
  Json operator()(std::uint64_t value) const { return value; }
  Json operator()(double value) const { return from_double(value); }
  Json operator()(const std::string& value) const { return value; }
  Json operator()(const Interval& value) const {
    Json object = Json::object();
    object["median"] = from_optional(value.median);
    object["low"] = from_optional(value.low);
    object["high"] = from_optional(value.high);
    object["method"] = value.method.empty() ? Json(nullptr) : Json(value.method);
    return object;
  }
};

Json& member(Json& parent, std::string_view name, std::string_view path) {
  if (name.empty()) refuse(path, "a name is empty");
  if (!parent.is_null() && !parent.is_object()) refuse(path, "its parent is no object");
  return parent[std::string(name)];
}

Json& entry(Json& parent, std::string_view digits, std::string_view path) {
  // Far above any list here; a slip in a number must not ask for all memory.
  constexpr std::size_t most = 1'000'000;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
  if (error != std::errc{} || end != digits.data() + digits.size() || index >= most) {
    refuse(path, "the number in brackets is no index");
  }
  if (!parent.is_null() && !parent.is_array()) refuse(path, "its parent is no list");
  return parent[index];
}

/// Walks from the root to the place of `path`, and makes what is missing on the way.
Json& place(Json& root, std::string_view path) {
  Json* node = &root;
  for (std::string_view rest = path; !rest.empty();) {
    if (rest.front() == '[') {
      const std::size_t bracket = rest.find(']');
      if (bracket == rest.npos) refuse(path, "a bracket is not closed");
      node = &entry(*node, rest.substr(1, bracket - 1), path);
      rest.remove_prefix(bracket + 1);
      if (rest.empty() || rest.front() == '[') continue;
      if (rest.front() != '.') refuse(path, "a bracket is followed by a name");
      rest.remove_prefix(1);
      if (rest.empty()) refuse(path, "it ends in a dot");
      continue;
    }
    const std::size_t end = std::min(rest.find_first_of(".["), rest.size());
    node = &member(*node, rest.substr(0, end), path);
    rest.remove_prefix(end);
    if (!rest.starts_with('.')) continue;
    rest.remove_prefix(1);
    if (rest.empty() || rest.front() == '[') refuse(path, "a name is empty");
  }
  return *node;
}

Json document(const Report& report) {
  std::map<std::string, const Row*> last;
  for (const Row& row : report.rows()) last[join_path(row.scope, row.metric)] = &row;

  Json root = Json::object();
  for (const Row& row : report.rows()) {
    const std::string path = join_path(row.scope, row.metric);
    if (path.empty()) refuse(path, "it is empty");
    if (last[path] != &row) continue;
    Json& node = place(root, path);
    if (node.is_structured() && !node.empty()) refuse(path, "it has entries already");
    node = std::visit(FromValue{}, row.value);
  }
  return root;
}

std::string write(const Report& report, int indent) {
  return document(report).dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string to_json(const Report& report) {
  return write(report, 2);
}

std::string to_json_line(const Report& report) {
  return write(report, -1);
}

}  // namespace netduel
