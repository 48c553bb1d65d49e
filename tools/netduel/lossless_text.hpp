#pragma once

#include <cstddef>
#include <string>

#include "experiment/lossless_search.hpp"

namespace netduel::tool {

// What `-b max-lossless` says. Rates are those of all `streams` together. Pure.

/// What the search is going to do, for whoever may want to stop it: without an end of line.
std::string announcement(const LosslessSearchSpec& search);
/// Before the first trial, and before one that confirms.
std::string search_head(const LosslessSearchSpec& search);
std::string confirming_head(const LosslessPlan& plan, std::size_t streams);
/// While a trial runs: without an end of line.
std::string search_progress(const LosslessPlan& plan, std::size_t number, std::size_t streams);
/// The line of a trial.
std::string trial_text(const LosslessTrial& trial, std::size_t streams);
/// The last line: the rate, how close it is, and what limits it.
std::string finding_text(const LosslessFinding& finding, std::size_t streams);

}  // namespace netduel::tool
