#pragma once

#include "experiment/compare.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// The rows of the document "netduel/compare/1" (docs/results.schema.json), complete also for a
/// comparison that was interrupted or failed.
Report describe(const Comparison& comparison);

/// What other documents of experiments have in common with it: `host.*`, this machine, and `lab.*`,
/// an emulated path.
void describe_host(Report& report);
void describe_lab(const LabSpec& lab, Report& report);

}  // namespace netduel
