#pragma once

namespace netduel {

/// What several trials of one load say of it (RFC 9971, MLRsearch, appendix A).
enum class LoadBound {
  lower,  ///< it meets the goal, whatever trials may still follow
  upper,  ///< it doesn't, whatever they may show
  undecided,
};

/// Trials of one load, all of the goal's final length.
struct LoadTrials {
  unsigned good = 0;
  unsigned bad = 0;
};

/// When a load meets a goal.
struct LoadGoal {
  /// RFC 9971's goal duration sum, in trials of the final length.
  unsigned trials = 3;
  /// How large a part of the trials may be bad; RFC 9971 recommends a half.
  double exceed_ratio = 0.5;
};

/// Pure.
LoadBound bound_of(const LoadTrials& load, const LoadGoal& goal);

}  // namespace netduel
