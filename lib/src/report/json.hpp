#pragma once

#include <string>

#include "netduel/base/report.hpp"

namespace netduel {

/// The report as one JSON object (RFC 8259), in the order of its rows. A dotted path nests, and
/// `name[3]` is an entry of a list; entries without a row are null. An Interval becomes
/// {"median", "low", "high", "method"}; what is absent or no finite number is null. Units are not
/// written: the names of the metrics carry them. Of two rows with one path the last one is kept.
/// Text that is not UTF-8 gets replacement characters. No newline at the end.
/// Throws std::logic_error that names the path when a path is malformed, or asks one name to be
/// two of a value, an object and a list.
std::string to_json(const Report& report);

/// The same on a single line.
std::string to_json_line(const Report& report);

}  // namespace netduel
