#include <cmath>
#include <random>
#include <vector>

#include "measure/two_clocks.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace test;

TEST_CASE("a clock that is set in the middle of a trial is noticed", "[clock_offset]") {
  const auto step =
      GENERATE(nanoseconds{-3h}, nanoseconds{-5ms}, nanoseconds{5ms}, nanoseconds{3h});
  const bool is_near = GENERATE(true, false);
  CAPTURE(step.count(), is_near);
  std::mt19937_64 random(6);
  std::exponential_distribution<double> queue(1 / 300e3);
  Clocks clocks{.offset = 1ms, .skew = 50e-6, .set_at = start + 5s + 50ms};
  (is_near ? clocks.near_step : clocks.far_step) = step;
  const auto exchanges = around_a_trial(clocks, [&](nanoseconds) {
    return Ways{100us + nanoseconds{std::llround(queue(random))}, 100us, 10us};
  });
  const auto result = estimate_clock_offset(exchanges);
  REQUIRE(result.has_value());
  CHECK(result->stepped);
  CHECK_FALSE(result->bound.has_value());
  CHECK_FALSE(result->bound_at(start).has_value());
  CHECK_FALSE(result->skew.has_value());
  CHECK_FALSE(result->usable_for_delay(1h));
  CHECK_FALSE(
      delay_correction({}, *result, ReceivingClock::far_clock, start, start + trial_time).bound);
}

/// 100 us each way; in the fourth of seven a clock is set while the far end holds the question.
std::vector<ClockExchange> held_while_set(const Clocks& clocks) {
  std::vector<ClockExchange> exchanges;
  for (int i = -3; i <= 3; ++i) {
    const auto held = i == 0 ? 100us : 1us;
    exchanges.push_back(exchange(clocks, start + i * 1ms, {100us, 100us, held}));
  }
  return exchanges;
}

TEST_CASE("a clock that is set within an exchange is noticed", "[clock_offset]") {
  Clocks clocks{.offset = 1ms, .set_at = start + 150us};
  SECTION("far, forward") {
    clocks.far_step = 5ms;
  }
  SECTION("far, back") {
    clocks.far_step = -5ms;
  }
  SECTION("near, forward") {
    clocks.near_step = 5ms;
  }
  SECTION("near, back") {
    clocks.near_step = -5ms;
  }
  const auto result = estimate_clock_offset(held_while_set(clocks));
  REQUIRE(result.has_value());
  CHECK(result->stepped);
}

TEST_CASE("a step that a change of the path would explain is not claimed", "[clock_offset]") {
  const Clocks clocks{.offset = 1ms, .set_at = start + 150us, .far_step = -10us};
  const auto result = estimate_clock_offset(held_while_set(clocks));
  REQUIRE(result.has_value());
  CHECK_FALSE(result->stepped);
}

TEST_CASE("a single exchange of less than no time tells of a step", "[clock_offset]") {
  const ClockExchange one{start, start + 1ms, start + 7ms, start + 2ms};
  REQUIRE(one.round_trip() == -4ms);
  const auto result = estimate_clock_offset({&one, 1});
  REQUIRE(result.has_value());
  CHECK(result->stepped);
}

TEST_CASE("a clock that goes backwards was set, however little", "[clock_offset]") {
  const std::vector<ClockExchange> far{{start, start + 100us, start + 99us, start + 200us}};
  const std::vector<ClockExchange> near{{start, start + 1s, start + 1s, start - 1ns}};
  CHECK(estimate_clock_offset(far).value().stepped);
  CHECK(estimate_clock_offset(near).value().stepped);
}

TEST_CASE("times that are cut to whole nanoseconds are no step", "[clock_offset]") {
  const Clocks clocks{.offset = 1ms, .skew = 1.5e-9};
  const auto result =
      estimate_clock_offset(around_a_trial(clocks, [](nanoseconds) { return Ways{}; }));
  REQUIRE(result.has_value());
  CHECK_FALSE(result->stepped);
  CHECK(holds_the_truth(*result, clocks));
}

TEST_CASE("a far clock that is fast while it holds a question is not a step", "[clock_offset]") {
  // 100 ms held at 400 ppm are 40 us by the far clock, more than the round trip.
  const Clocks clocks{.offset = 1s, .skew = 400e-6};
  const ClockExchange one = exchange(clocks, start, {5us, 5us, 100ms});
  REQUIRE(one.round_trip() < 0ns);
  const auto result = estimate_clock_offset({&one, 1});
  REQUIRE(result.has_value());
  CHECK_FALSE(result->stepped);
  CHECK(holds_the_truth(*result, clocks));
}

TEST_CASE("rates that differ by more than clocks may count as a step", "[clock_offset]") {
  const auto skew = GENERATE(-600e-6, 600e-6);
  const Clocks clocks{.skew = skew};
  const auto result = estimate_clock_offset(around_a_trial(clocks, [](nanoseconds) {
    return Ways{50us, 50us, 20us};
  }));
  REQUIRE(result.has_value());
  CHECK(result->stepped);
}

}  // namespace
}  // namespace netduel
