#pragma once

#include "lab/lab_spec.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

// Where something ran, the same in each document.

/// Rows of `host`: this machine.
void describe_host(Report& report);
/// Rows of `lab`: an emulated path.
void describe_lab(const LabSpec& lab, Report& report);

}  // namespace netduel
