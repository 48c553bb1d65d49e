#pragma once

#include <string_view>

#include "experiment/bufferbloat.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// The rows of the document "netduel/bufferbloat/1" (docs/results.schema.json), complete also for
/// one that was interrupted or failed.
Report describe(const Bufferbloat& result);

/// "up" or "down".
std::string_view name_of(TestDirection direction);

}  // namespace netduel
