#pragma once

#include <string>

#include "experiment/sweep.hpp"
#include "netduel/base/report.hpp"

namespace netduel::tool {

// What a sweep's report says, for people and for spreadsheets.

/// The table, bars to see it by, and warnings.
std::string as_text(const Sweep& sweep, const Report& report);
/// Comma-separated values (RFC 4180): a line for each row, after one of names.
std::string as_csv(const Sweep& sweep, const Report& report);

}  // namespace netduel::tool
