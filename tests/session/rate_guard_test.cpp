#include "session/rate_guard.hpp"

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

constexpr double allowed = 8e6;
constexpr std::uint64_t octets_a_second = 1'000'000;

/// Asks a guard once a second.
class Watched {
 public:
  /// Whether `octets` more in the next second are too much.
  bool second(std::uint64_t octets) {
    octets_ += octets;
    now_ += 1s;
    return guard_.exceeded(octets_, now_);
  }

 private:
  RateGuard::Time now_{};
  std::uint64_t octets_ = 0;
  RateGuard guard_{allowed, now_};
};

}  // namespace

TEST_CASE("a test at its rate may go on, and catch up after being held up", "[rate]") {
  Watched test;
  for (int hour = 0; hour < 10; ++hour) {
    for (int i = 0; i < 3600; ++i) REQUIRE_FALSE(test.second(octets_a_second));
    for (int i = 0; i < 4; ++i) REQUIRE_FALSE(test.second(0));
    REQUIRE_FALSE(test.second(5 * octets_a_second));
  }
}

TEST_CASE("a test at twice its rate is noticed after five seconds", "[rate]") {
  Watched test;
  for (int i = 0; i < 5; ++i) REQUIRE_FALSE(test.second(2 * octets_a_second));
  CHECK((test.second(2 * octets_a_second) || test.second(2 * octets_a_second)));
}

TEST_CASE("a test a little above its rate is noticed too", "[rate]") {
  Watched test;
  int seconds = 0;
  while (seconds < 100 && !test.second(octets_a_second * 11 / 10)) ++seconds;
  CHECK(seconds > 30);
  CHECK(seconds < 70);
}

TEST_CASE("a test that was held up for 20 s may catch up at once", "[rate]") {
  Watched test;
  for (int i = 0; i < 60; ++i) REQUIRE_FALSE(test.second(octets_a_second));
  for (int i = 0; i < 20; ++i) REQUIRE_FALSE(test.second(0));
  REQUIRE_FALSE(test.second(21 * octets_a_second));
  for (int i = 0; i < 60; ++i) REQUIRE_FALSE(test.second(octets_a_second));
}

TEST_CASE("who has caught up is as far ahead as before and no further", "[rate]") {
  Watched test;
  for (int i = 0; i < 20; ++i) REQUIRE_FALSE(test.second(0));
  REQUIRE_FALSE(test.second(21 * octets_a_second));
  int seconds = 0;
  while (seconds < 100 && !test.second(2 * octets_a_second)) ++seconds;
  CHECK(seconds >= 5);
  CHECK(seconds <= 6);
}

TEST_CASE("a long silence allows no flood", "[rate]") {
  Watched test;
  for (int i = 0; i < 1000; ++i) REQUIRE_FALSE(test.second(0));
  CHECK(test.second(32 * octets_a_second));
}
