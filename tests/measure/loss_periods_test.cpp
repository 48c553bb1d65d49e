#include "netduel/measure/loss_periods.hpp"

#include <algorithm>
#include <random>
#include <tuple>
#include <vector>

#include "netduel/measure/sequence_window.hpp"
#include "support/catch.hpp"

using namespace netduel;

namespace {

LossPeriods after(const std::vector<std::uint64_t>& numbers, std::uint64_t end,
                  std::uint64_t first = 0) {
  SequenceWindow window(first);
  LossPeriods periods(first);
  for (const std::uint64_t number : numbers) {
    periods.observe({.sequence = number}, window.place(number));
  }
  periods.finish(end);
  return periods;
}

}  // namespace

TEST_CASE("losses of 3, 4 and 9 out of 10 are two periods", "[loss]") {
  // RFC 3357's example: distances 0, 1, 5.
  const LossPeriods periods = after({1, 2, 5, 6, 7, 8, 10}, 11, 1);
  CHECK(periods.lost() == 3);
  CHECK(periods.periods() == 2);
  CHECK(periods.periods_of(1) == 1);
  CHECK(periods.periods_of(2) == 1);
  CHECK(periods.longest() == 2);
  CHECK(periods.mean_length() == 1.5);
  CHECK(periods.mean_inter_period() == 5.0);
  CHECK(*periods.noticeable_ratio(2) == Approx(1.0 / 3));
  CHECK(*periods.noticeable_ratio(5) == Approx(2.0 / 3));
}

TEST_CASE("what comes late is no loss, wherever it was in its run", "[loss]") {
  const std::uint64_t late = GENERATE(3, 4, 5);
  const LossPeriods periods = after({1, 2, 6, late, 7}, 8, 1);
  CHECK(periods.lost() == 2);
  CHECK(periods.periods() == (late == 4 ? 2 : 1));
  CHECK(periods.late() == 0);
}

TEST_CASE("losses at the beginning and at the end count", "[loss]") {
  const LossPeriods periods = after({2, 3}, 6);
  CHECK(periods.lost() == 4);
  CHECK(periods.periods() == 2);
  CHECK(periods.periods_of(2) == 2);
}

TEST_CASE("without a loss there are no periods and no means", "[loss]") {
  const LossPeriods periods = after({0, 1, 2, 1}, 3);
  CHECK(periods.periods() == 0);
  CHECK_FALSE(periods.mean_length());
  CHECK_FALSE(periods.mean_inter_period());
  CHECK_FALSE(periods.noticeable_ratio());
  CHECK_FALSE(periods.gilbert());
}

TEST_CASE("a lost stream is one period", "[loss]") {
  const LossPeriods periods = after({}, 5);
  CHECK(periods.lost() == 5);
  CHECK(periods.periods() == 1);
  CHECK_FALSE(periods.gilbert());
}

TEST_CASE("a channel of Gilbert's is found again", "[loss]") {
  std::mt19937 generator(1);
  std::uniform_real_distribution<double> dice;
  std::vector<std::uint64_t> numbers;
  constexpr std::uint64_t sent = 1'000'000;
  bool bad = false;
  for (std::uint64_t n = 0; n < sent; ++n) {
    bad = bad ? dice(generator) >= 0.25 : dice(generator) < 0.01;
    if (!bad) numbers.push_back(n);
  }
  const LossPeriods periods = after(numbers, sent);
  CHECK(periods.lost() == sent - numbers.size());
  CHECK(periods.gilbert()->good_to_bad == Approx(0.01).epsilon(0.05));
  CHECK(periods.gilbert()->bad_to_good == Approx(0.25).epsilon(0.05));
  CHECK(*periods.mean_length() == Approx(4).epsilon(0.05));
}

TEST_CASE("a channel of Gilbert and Elliott is found again with its bad state's loss", "[loss]") {
  const auto [good_to_bad, bad_to_good, loss_in_bad] =
      GENERATE(std::tuple(0.02, 0.2, 0.5), std::tuple(0.01, 0.1, 1.0), std::tuple(0.05, 0.3, 0.7));
  std::mt19937 generator(3);
  std::uniform_real_distribution<double> dice;
  std::vector<std::uint64_t> numbers;
  constexpr std::uint64_t sent = 2'000'000;
  bool bad = false;
  for (std::uint64_t n = 0; n < sent; ++n) {
    bad = bad ? dice(generator) >= bad_to_good : dice(generator) < good_to_bad;
    if (!bad || dice(generator) >= loss_in_bad) numbers.push_back(n);
  }
  const auto fit = after(numbers, sent).gilbert_elliott();
  REQUIRE(fit);
  CHECK(fit->good_to_bad == Approx(good_to_bad).epsilon(0.05));
  CHECK(fit->bad_to_good == Approx(bad_to_good).epsilon(0.05));
  CHECK(fit->loss_in_bad == Approx(loss_in_bad).epsilon(0.03));
}

TEST_CASE("where no channel of two states fits, none is told", "[loss]") {
  CHECK_FALSE(after({0, 1, 2}, 3).gilbert_elliott());
  CHECK_FALSE(after({}, 3).gilbert_elliott());
  CHECK_FALSE(after({0, 2, 3}, 4).gilbert_elliott());
  // Every other one lost is no burst.
  std::vector<std::uint64_t> even;
  for (std::uint64_t n = 0; n < 1000; n += 2) even.push_back(n);
  CHECK_FALSE(after(even, 1000).gilbert_elliott());
}

TEST_CASE("any order of arrival gives the periods of what is missing in the end", "[loss]") {
  std::mt19937 generator(7);
  for (int round = 0; round < 50; ++round) {
    constexpr std::uint64_t sent = 2000;
    std::vector<std::uint64_t> numbers;
    std::uint64_t lost = 0, periods = 0;
    bool was_lost = false;
    for (std::uint64_t n = 0; n < sent; ++n) {
      const bool is_lost = generator() % 3 == 0;
      lost += is_lost ? 1 : 0;
      periods += is_lost && !was_lost ? 1 : 0;
      was_lost = is_lost;
      if (!is_lost) numbers.push_back(n);
    }
    // Each moves by at most 200.
    for (std::size_t n = 0; n + 200 < numbers.size(); ++n) {
      std::swap(numbers[n], numbers[n + generator() % 200]);
    }
    const LossPeriods found = after(numbers, sent);
    CHECK(found.lost() == lost);
    CHECK(found.periods() == periods);
    CHECK(found.late() == 0);
  }
}

TEST_CASE("what comes when its run is closed is late and stays a loss", "[loss]") {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t n = 1; n < 6000; n += 2) numbers.push_back(n);
  numbers.push_back(0);
  const LossPeriods periods = after(numbers, 6000);
  CHECK(periods.late() == 1);
  CHECK(periods.lost() == 3000);
  CHECK(periods.periods() == 3000);
}

TEST_CASE("loss periods of two streams add up", "[loss]") {
  LossPeriods both = after({1, 2, 5, 6, 7, 8, 10}, 11, 1);
  both.merge(after({0, 4, 5}, 7));
  both.merge(after({0, 1}, 2));
  CHECK(both.lost() == 7);
  CHECK(both.periods() == 4);
  CHECK(both.longest() == 3);
  CHECK(both.periods_of(1) == 2);
  CHECK(both.periods_of(3) == 1);
  // 9 - 4 and 6 - 3: streams have no distance from one another.
  CHECK(both.mean_inter_period() == 4.0);
  // Of seven losses: two directly behind another in one period of 2 and one of 3.
  CHECK(*both.noticeable_ratio(1) == Approx(3.0 / 7));
  CHECK(*both.noticeable_ratio(5) == Approx(5.0 / 7));
}
