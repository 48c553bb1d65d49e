#include "lab/value_list.hpp"

#include <string_view>

#include "lab/impairment_values.hpp"

namespace netduel {
namespace {

std::string_view without_direction(std::string_view name) {
  for (const std::string_view prefix : {"up-", "down-"}) {
    if (name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

/// Throws ImpairmentError.
void try_value(const ImpairmentText& typed, std::string_view value) {
  Impairment impairment;
  set_impairment(impairment, without_direction(typed.name), value, "--" + typed.name);
}

bool is_value(const ImpairmentText& typed, std::string_view text) {
  try {
    try_value(typed, text);
  } catch (const ImpairmentError&) {
    return false;
  }
  return true;
}

/// The end of the longest value that begins there. Throws ImpairmentError when there is none.
std::size_t end_of_value(const ImpairmentText& typed, std::size_t begin) {
  const std::string_view text = typed.value;
  std::size_t end = text.size();
  while (!is_value(typed, text.substr(begin, end - begin))) {
    const std::size_t comma = text.substr(0, end).rfind(',');
    if (comma == text.npos || comma < begin) {
      try_value(typed, text.substr(begin, end - begin));
      break;
    }
    end = comma;
  }
  return end;
}

}  // namespace

std::vector<std::string> values_of(const ImpairmentText& typed) {
  if (typed.value.find(',') == std::string::npos) return {typed.value};
  std::vector<std::string> values;
  for (std::size_t begin = 0; begin <= typed.value.size();) {
    const std::size_t end = end_of_value(typed, begin);
    values.push_back(typed.value.substr(begin, end - begin));
    begin = end + 1;
  }
  return values;
}

}  // namespace netduel
