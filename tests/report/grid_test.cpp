#include "report/grid.hpp"

#include "support/catch.hpp"

using namespace netduel;

TEST_CASE("cells stand in columns, the first ones to the left", "[grid]") {
  CHECK(to_grid({{"loss", "by", "goodput"}, {"0", "UDP", "10"}, {"0.1 %", "TCP", "9.5"}}, 2) ==
        "loss   by   goodput\n"
        "0      UDP       10\n"
        "0.1 %  TCP      9.5\n");
}

TEST_CASE("rows may be short, and no line ends in blanks", "[grid]") {
  CHECK(to_grid({{"a", "bb"}, {"ccc"}, {}}, 2) == "a    bb\nccc\n\n");
  CHECK(to_grid({}, 1).empty());
}

TEST_CASE("a letter is one column wide, however many octets it has", "[grid]") {
  CHECK(text_width("µs –") == 4);
  CHECK(to_grid({{"µ", "1"}, {"m", "2"}}, 1) == "µ  1\nm  2\n");
}
