#pragma once

#include <string>

#include "experiment/multicast_compare.hpp"
#include "netduel/base/report.hpp"

namespace netduel::tool {

// What `netduel multicast compare` found, for people and for spreadsheets.

/// The table, bars to see it by, how it grows in words, and warnings.
std::string as_text(const MulticastComparison& all, const Report& report);
/// Comma-separated values (RFC 4180): a line for each row, after one of names.
std::string as_csv(const MulticastComparison& all, const Report& report);

}  // namespace netduel::tool
