#include "lab/value_list.hpp"

#include "support/catch.hpp"

using namespace netduel;

namespace {

using Values = std::vector<std::string>;

Values values(std::string name, std::string text) {
  return values_of({.name = std::move(name), .value = std::move(text)});
}

}  // namespace

TEST_CASE("a list of an impairment's values is parted by commas", "[impairment]") {
  CHECK(values("loss", "0,0.1%,1%") == Values{"0", "0.1%", "1%"});
  CHECK(values("up-delay", "0ms,20ms") == Values{"0ms", "20ms"});
  CHECK(values("bottleneck", "none,10M") == Values{"none", "10M"});
  CHECK(values("loss", "1%") == Values{"1%"});
}

TEST_CASE("a value that holds commas itself is taken as long as it goes", "[impairment]") {
  CHECK(values("loss", "burst:2%,5") == Values{"burst:2%,5"});
  CHECK(values("loss", "0,burst:1%,5,burst:3%,5") == Values{"0", "burst:1%,5", "burst:3%,5"});
  CHECK(values("loss", "packets:3,7,10-20") == Values{"packets:3,7,10-20"});
  CHECK(values("down-loss", "ge:1%,20%,1%") == Values{"ge:1%,20%,1%"});
}

TEST_CASE("a part of a list that is no value is refused by its name", "[impairment]") {
  CHECK_THROWS_WITH(values("loss", "0,soon,1%"), containing("--loss soon"));
  CHECK_THROWS_WITH(values("delay", "20ms,"), containing("--delay"));
  CHECK_THROWS_WITH(values("delay", ",20ms"), containing("--delay"));
}

TEST_CASE("what is no list is one value, be it right or wrong", "[impairment]") {
  CHECK(values("loss", "soon") == Values{"soon"});
  CHECK(values("loss", "") == Values{""});
}
