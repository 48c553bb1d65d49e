#include "experiment/load_bound.hpp"

#include <algorithm>

namespace netduel {

// The appendix counts seconds and weighs shorter trials too. Here all are as long as each other, so
// a count stands for the seconds and those terms are 0.
LoadBound bound_of(const LoadTrials& load, const LoadGoal& goal) {
  const unsigned whole = std::max(load.good + load.bad, goal.trials);
  const double tolerated = whole * goal.exceed_ratio;
  // Were all that is still to come bad, or good.
  const bool holds_at_worst = whole - load.good <= tolerated;
  const bool holds_at_best = load.bad <= tolerated;
  if (holds_at_worst && holds_at_best) return LoadBound::lower;
  if (!holds_at_worst && !holds_at_best) return LoadBound::upper;
  return LoadBound::undecided;
}

}  // namespace netduel
