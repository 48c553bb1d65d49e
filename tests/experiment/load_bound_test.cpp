#include "experiment/load_bound.hpp"

#include "support/catch.hpp"

using namespace netduel;

// RFC 9971's recommended exceed ratio with trials of 1 s and a duration sum of 10 s.
constexpr LoadGoal ten_trials{.trials = 10, .exceed_ratio = 0.5};

TEST_CASE("a load is a lower bound from the good trial on that later bad ones can't outweigh",
          "[search]") {
  CHECK(bound_of({.good = 4}, ten_trials) == LoadBound::undecided);
  CHECK(bound_of({.good = 5}, ten_trials) == LoadBound::lower);
}

TEST_CASE("a load is an upper bound from the bad trial on that later good ones can't outweigh",
          "[search]") {
  CHECK(bound_of({.bad = 5}, ten_trials) == LoadBound::undecided);
  CHECK(bound_of({.bad = 6}, ten_trials) == LoadBound::upper);
}

TEST_CASE("of three trials the majority decides, and a fourth may turn it", "[search]") {
  const LoadGoal three;
  CHECK(bound_of({.good = 1}, three) == LoadBound::undecided);
  CHECK(bound_of({.bad = 1}, three) == LoadBound::undecided);
  CHECK(bound_of({.good = 1, .bad = 1}, three) == LoadBound::undecided);
  CHECK(bound_of({.good = 2, .bad = 1}, three) == LoadBound::lower);
  CHECK(bound_of({.good = 1, .bad = 2}, three) == LoadBound::upper);
  CHECK(bound_of({.good = 2, .bad = 2}, three) == LoadBound::lower);
}

TEST_CASE("without a tolerated part the first bad trial is an upper bound", "[search]") {
  const LoadGoal strict{.trials = 3, .exceed_ratio = 0};
  CHECK(bound_of({.good = 2, .bad = 1}, strict) == LoadBound::upper);
  CHECK(bound_of({.good = 2}, strict) == LoadBound::undecided);
  CHECK(bound_of({.good = 3}, strict) == LoadBound::lower);
}
