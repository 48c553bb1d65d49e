#pragma once

#include <string>

#include "experiment/selftest.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// The rows of the document "netduel/selftest/1" (docs/results.schema.json), complete also for a
/// selftest that was interrupted.
Report describe(const Selftest& found);

/// One line for people: the status, what was checked, and what was seen or why it was not.
std::string line_of(const SelftestCheck& check);
/// The line behind all of them.
std::string summary_of(const Selftest& found);

}  // namespace netduel
