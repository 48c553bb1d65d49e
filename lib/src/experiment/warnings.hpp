#pragma once

#include <string>
#include <vector>

#include "experiment/compare.hpp"

namespace netduel {

/// Why a reader should doubt a figure, and what helps. The id is stable for programs to match.
struct Warning {
  std::string id;
  std::string text;
};

std::vector<Warning> warnings(const Comparison& comparison);
/// What an emulated path tells against itself.
std::vector<Warning> doubts_of(const Truth& truth);

/// Adds `warnings[n].{id,text}`.
void describe(const std::vector<Warning>& warnings, Report& report);

}  // namespace netduel
