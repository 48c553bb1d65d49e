#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "lab/star_spec.hpp"
#include "lab/truth.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// What the link of one port did.
struct PortTruth {
  DirectionTruth up;
  DirectionTruth down;
};

struct StarTruth {
  StarSpec spec;
  std::vector<PortTruth> ports;  ///< as in the spec
  std::chrono::nanoseconds duration{};
  bool trustworthy = true;
  std::vector<TruthNote> why;
};

/// Rows of the document "netduel/truth/1", with `ports` in the place of two directions
/// (docs/lab.md).
Report describe(const StarTruth& truth);
/// The same below the current scope of a report.
void describe(const StarTruth& truth, Report& report);
/// A line for each port, for people.
std::string to_text(const StarTruth& truth);

}  // namespace netduel
