#include <cmath>
#include <random>
#include <vector>

#include "measure/two_clocks.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace test;

TEST_CASE("an exchange gives an offset and how far it may be off", "[clock_offset]") {
  // Worked by hand: far is 1000 ahead, 30 out, held for 100, 10 back.
  const ClockExchange one{start, start + 1030ns, start + 1130ns, start + 140ns};
  CHECK(one.round_trip() == 40ns);
  CHECK(one.offset() == 1010ns);
  const auto result = estimate_clock_offset({&one, 1});
  REQUIRE(result.has_value());
  CHECK(std::chrono::abs(result->offset - 1010ns) <= 1ns);
  REQUIRE(result->bound.has_value());
  CHECK(*result->bound >= 20ns);
  CHECK(*result->bound <= 24ns);
  CHECK(result->minimum_round_trip == 40ns);
  CHECK(result->exchanges == 1);
  CHECK_FALSE(result->skew.has_value());
  CHECK_FALSE(result->stepped);
}

TEST_CASE("nothing is told of clocks that were never compared", "[clock_offset]") {
  CHECK_FALSE(estimate_clock_offset({}).has_value());
  const WallTime damaged = GENERATE(WallTime::min(), WallTime::max(), WallTime{-1ns});
  const std::vector<ClockExchange> exchanges{{start, damaged, start, start},
                                             {start, start, damaged, start}};
  CHECK_FALSE(estimate_clock_offset(exchanges).has_value());
}

TEST_CASE("exchanges at one and the same time are enough for an offset", "[clock_offset]") {
  const std::vector<ClockExchange> exchanges(3, {start, start + 1ms, start + 1ms, start});
  const auto result = estimate_clock_offset(exchanges);
  REQUIRE(result.has_value());
  CHECK(std::chrono::abs(result->offset - 1ms) <= 1ns);
  CHECK_FALSE(result->skew.has_value());
  CHECK_FALSE(result->stepped);
  CHECK(result->bound.value() <= 4ns);
}

TEST_CASE("offset and skew are found whatever they are", "[clock_offset]") {
  const auto offset = GENERATE(nanoseconds{-3h}, nanoseconds{-1ms}, 0ns, nanoseconds{1ms},
                               nanoseconds{3h}, nanoseconds{24h * 365 * 30});
  const auto skew = GENERATE(-100e-6, 0.0, 100e-6);
  CAPTURE(offset.count(), skew);
  const Clocks clocks{.offset = offset, .skew = skew};
  const auto result = estimate_clock_offset(around_a_trial(clocks, [](nanoseconds) {
    return Ways{50us, 50us, 20us};
  }));
  REQUIRE(result.has_value());
  CHECK_FALSE(result->stepped);
  CHECK(result->exchanges == 116);
  CHECK(holds_the_truth(*result, clocks));
  // Both ways are equally long, so the middle is the truth.
  CHECK(std::chrono::abs(result->at(start + 5s) - clocks.true_offset(start + 5s)) <= 20ns);
  REQUIRE(result->skew.has_value());
  CHECK(std::abs(*result->skew - skew) <= 0.1e-6);
  CHECK(std::abs(*result->skew - skew) <= result->skew_bound);
  CHECK(result->skew_bound <= 11e-6);
  CHECK(*result->bound >= 50us);
  CHECK(*result->bound <= 51us);
}

TEST_CASE("an asymmetric path shifts the estimate and stays within the bound", "[clock_offset]") {
  const auto out = GENERATE(0us, 100us, 900us, 1000us);
  const Clocks clocks{.offset = -1ms, .skew = 20e-6};
  const auto result = estimate_clock_offset(around_a_trial(clocks, [&](nanoseconds) {
    return Ways{out, 1000us - out, 5us};
  }));
  REQUIRE(result.has_value());
  CHECK(holds_the_truth(*result, clocks));
  CHECK(*result->bound <= 501us);
  CHECK(std::chrono::abs(result->at(start) - clocks.true_offset(start) - (out - 500us)) <= 1us);
}

TEST_CASE("a path that is saturated in one direction costs no certainty", "[clock_offset]") {
  std::mt19937_64 random(5);
  std::uniform_int_distribution<std::int64_t> queue(5'000'000, 80'000'000);
  const bool outward = GENERATE(true, false);
  const Clocks clocks{.offset = 3h, .skew = -30e-6};
  const auto result = estimate_clock_offset(around_a_trial(clocks, [&](nanoseconds at) {
    Ways ways{100us, 100us, 10us};
    if (!idle(at)) (outward ? ways.out : ways.back) += nanoseconds{queue(random)};
    return ways;
  }));
  REQUIRE(result.has_value());
  CHECK_FALSE(result->stepped);
  CHECK(holds_the_truth(*result, clocks));
  CHECK(*result->bound <= 105us);
  CHECK(result->minimum_round_trip <= 201us);
  REQUIRE(result->skew.has_value());
  CHECK(std::abs(*result->skew + 30e-6) <= 1e-6);
}

TEST_CASE("delays that conspire against the skew stay within its bound", "[clock_offset]") {
  const bool late_first = GENERATE(true, false);
  const Clocks clocks{.skew = 10e-6};
  const auto result = estimate_clock_offset(around_a_trial(clocks, [&](nanoseconds at) {
    return (at < trial_time / 2) == late_first ? Ways{1ms, 0ns, 0ns} : Ways{0ns, 1ms, 0ns};
  }));
  REQUIRE(result.has_value());
  REQUIRE(result->skew.has_value());
  CHECK(std::abs(*result->skew - clocks.skew) > 90e-6);
  CHECK(std::abs(*result->skew - clocks.skew) <= result->skew_bound);
  CHECK(holds_the_truth(*result, clocks));
}

TEST_CASE("before a trial the bound grows by what the skew isn't known to", "[clock_offset]") {
  const Clocks clocks{.offset = 2s, .skew = -400e-6};
  std::vector<ClockExchange> exchanges;
  for (int i = 0; i < 8; ++i) exchanges.push_back(exchange(clocks, start + i * 1ms, {20us, 30us}));
  const auto result = estimate_clock_offset(exchanges);
  REQUIRE(result.has_value());
  CHECK_FALSE(result->skew.has_value());
  CHECK(result->skew_bound == most_clock_skew);
  CHECK(holds_the_truth(*result, clocks));
  const nanoseconds more = *result->bound_at(result->last + 10s) - *result->bound;
  CHECK(std::chrono::abs(more - 5ms) <= 1us);
  CHECK(result->bound_at(result->first) == result->bound);
}

TEST_CASE("the bound always holds the truth", "[clock_offset]") {
  const auto seed = GENERATE(range(1U, 301U));
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto between = [&](double low, double high) {
    return std::uniform_real_distribution<double>(low, high)(random);
  };
  const auto about = [&](double low, double high) {  // any magnitude alike
    return nanoseconds{std::llround(std::exp2(between(std::log2(low), std::log2(high))))};
  };
  const Clocks clocks{.offset = (random() % 2 == 0 ? 1 : -1) * about(1, 1e14),
                      .skew = between(-499e-6, 499e-6)};
  const nanoseconds out = about(1, 1e8);
  const nanoseconds back = random() % 2 == 0 ? out : about(1, 1e8);
  const nanoseconds queue = about(1, 1e9);
  std::vector<ClockExchange> exchanges(1 + random() % 60);
  for (ClockExchange& one : exchanges) {
    Ways ways{out, back, about(1, 1e7)};
    if (random() % 2 == 0) ways.out += about(1, static_cast<double>(queue.count()) + 1);
    if (random() % 2 == 0) ways.back += about(1, static_cast<double>(queue.count()) + 1);
    one = exchange(clocks, start + nanoseconds{std::llround(between(0, 2e10))}, ways);
  }
  const auto result = estimate_clock_offset(exchanges);
  REQUIRE(result.has_value());
  CHECK_FALSE(result->stepped);
  CHECK(holds_the_truth(*result, clocks));
  CHECK(std::abs(result->skew.value_or(0) - clocks.skew) <= result->skew_bound);
  // The shortest exchange alone would tell as much.
  const double drift =
      most_clock_skew * static_cast<double>((result->last - result->first).count());
  const double alone = static_cast<double>(result->minimum_round_trip.count()) / 2 + drift;
  CHECK(static_cast<double>(result->bound->count()) <= 1.001 * alone + 10);
}

TEST_CASE("far times become near ones and are told as differing by the offset", "[clock_offset]") {
  const auto skew = GENERATE(-500e-6, -1e-6, 0.0, 100e-6);
  const ClockOffset offset{.offset = 3h, .reference = start, .skew = skew};
  for (const auto since : {-3600s, -1s, 0s, 10s, 3600s}) {
    const WallTime near = start + since;
    CHECK(std::chrono::abs(offset.to_near(near + offset.at(near)) - near) <= 1ns);
  }
  CHECK(ClockOffset{.offset = -1s}.to_near(start) == start + 1s);
}

TEST_CASE("a delay is told where the bound is smaller", "[clock_offset]") {
  CHECK(ClockOffset{.bound = 10us}.usable_for_delay(11us));
  CHECK_FALSE(ClockOffset{.bound = 10us}.usable_for_delay(10us));
  CHECK_FALSE(ClockOffset{.bound = 10us}.usable_for_delay(-50us));
  CHECK_FALSE(ClockOffset{}.usable_for_delay(1h));
  CHECK(DelayCorrection{.shift = {}, .bound = 10us}.usable_for_delay(11us));
  CHECK_FALSE(DelayCorrection{}.usable_for_delay(1h));
}

}  // namespace
}  // namespace netduel
