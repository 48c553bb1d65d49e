#pragma once

#include "experiment/fairness.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// The rows of the document "netduel/fairness/1" (docs/results.schema.json), complete also for a
/// run that was interrupted or failed.
Report describe(const Fairness& fairness);

}  // namespace netduel
