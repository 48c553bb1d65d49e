#pragma once

#include "lab/lab_spec.hpp"
#include "netduel/base/report.hpp"
#include "session/processors.hpp"

namespace netduel {

// Where an experiment ran, as rows of its document.

/// Adds `host`: this machine.
void describe_host(Report& report);
/// Adds `lab`: an emulated path as it begins.
void describe_lab(const LabSpec& lab, Report& report);
/// Adds `processors`.
void describe_processors(const Processors& processors, Report& report);

}  // namespace netduel
