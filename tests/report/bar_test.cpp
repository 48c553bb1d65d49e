#include "report/bar.hpp"

#include <limits>

#include "support/catch.hpp"

using netduel::bar;

TEST_CASE("a bar fills its share of the width, to an eighth of a column", "[bar]") {
  CHECK(bar(1, 3) == "███");
  CHECK(bar(0.5, 3) == "█▌");
  CHECK(bar(0.375, 1) == "▍");
  CHECK(bar(0, 3).empty());
}

TEST_CASE("what is above nothing is seen in a bar, and nothing is longer than its width", "[bar]") {
  CHECK(bar(1e-9, 10) == "▏");
  CHECK(bar(7, 2) == "██");
  CHECK(bar(std::numeric_limits<double>::infinity(), 2) == "██");
  CHECK(bar(-1, 2).empty());
  CHECK(bar(std::numeric_limits<double>::quiet_NaN(), 2).empty());
  CHECK(bar(1, 0).empty());
}
