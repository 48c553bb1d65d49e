#pragma once

#include <string_view>

#include "netduel/base/report.hpp"

namespace netduel {

/// Adds another program's JSON document as rows below `name`, where the report has none yet. Names
/// that no path can hold, and what lies deeper than 32 levels or behind 100 000 entries of a list,
/// are left out; what is no JSON is added as a text.
void add_json(std::string_view name, std::string_view document, Report& report);

}  // namespace netduel
