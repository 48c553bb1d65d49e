#include "experiment/json_rows.hpp"

#include <cstddef>
#include <cstdint>
#include <string>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace netduel {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t deepest = 32;
constexpr std::size_t most_entries = 100'000;

void add(std::string_view name, const Json& json, std::size_t depth, Report& report);

void add_object(std::string_view name, const Json& object, std::size_t depth, Report& report) {
  bool empty = true;
  for (const auto& [key, member] : object.items()) {
    if (key.empty() || key.find_first_of(".[]") != key.npos) continue;
    const Report::Scope scope(report, name);
    add(key, member, depth + 1, report);
    empty = false;
  }
  if (empty) report.add(name, EmptyObject{});
}

void add_list(std::string_view name, const Json& list, std::size_t depth, Report& report) {
  if (list.empty()) report.add(name, EmptyList{});
  for (std::size_t i = 0; i < list.size() && i < most_entries; ++i) {
    const Report::Scope scope(report, name);
    add(fmt::format("[{}]", i), list[i], depth + 1, report);
  }
}

void add(std::string_view name, const Json& json, std::size_t depth, Report& report) {
  if (depth > deepest) {
    report.add(name, Absent{});
  } else if (json.is_object()) {
    add_object(name, json, depth, report);
  } else if (json.is_array()) {
    add_list(name, json, depth, report);
  } else if (json.is_boolean()) {
    report.add(name, json.get<bool>());
  } else if (json.is_number_unsigned()) {
    report.add(name, json.get<std::uint64_t>());
  } else if (json.is_number()) {
    report.add(name, json.get<double>());
  } else if (json.is_string()) {
    report.add(name, json.get<std::string>());
  } else {
    report.add(name, Absent{});
  }
}

}  // namespace

void add_json(std::string_view name, std::string_view document, Report& report) {
  const Json json = Json::parse(document, nullptr, false);
  if (json.is_discarded()) {
    report.add(name, std::string(document));
  } else {
    add(name, json, 0, report);
  }
}

}  // namespace netduel
