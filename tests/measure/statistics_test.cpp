#include "netduel/measure/statistics.hpp"

#include <random>
#include <vector>

#include "measure/line.hpp"
#include "support/catch.hpp"

using namespace netduel;

namespace {

const std::vector<double> a{9.41, 9.38, 9.40, 9.35, 9.42, 9.12, 9.39, 9.41, 9.37, 9.40};
const std::vector<double> b{9.20, 9.22, 9.18, 9.25, 9.19, 9.21, 9.17, 9.23, 9.20, 9.16};

}  // namespace

TEST_CASE("3 lost of 1000 are 0.102 to 0.878 %", "[statistics]") {
  const Interval interval = wilson_interval(3, 1000);
  CHECK(interval.median == 0.003);
  CHECK(*interval.low == Approx(0.00102).margin(0.000005));
  CHECK(*interval.high == Approx(0.00878).margin(0.000005));
}

TEST_CASE("none lost of 1000 are less than 0.3 %", "[statistics]") {
  const Interval interval = wilson_interval(0, 1000);
  CHECK(interval.median == 0.0);
  CHECK(interval.low == 0.0);
  CHECK(*interval.high == Approx(0.00299).margin(0.00001));
  CHECK_THAT(interval.method, containing("one-sided"));
  CHECK(*wilson_interval(1000, 1000).low == Approx(1 - 0.00299).margin(0.00001));
}

TEST_CASE("a share of nothing is absent", "[statistics]") {
  const Interval interval = wilson_interval(0, 0);
  CHECK_FALSE(interval.median);
  CHECK_FALSE(interval.low);
  CHECK_FALSE(interval.high);
}

TEST_CASE("Wilson's interval encloses the truth about 95 times of 100", "[statistics]") {
  std::mt19937_64 generator(1);
  std::binomial_distribution<std::uint64_t> losses(500, 0.02);
  int enclosed = 0;
  for (int n = 0; n < 4000; ++n) {
    const Interval interval = wilson_interval(losses(generator), 500);
    enclosed += *interval.low <= 0.02 && 0.02 <= *interval.high ? 1 : 0;
  }
  CHECK(enclosed > 0.93 * 4000);
  CHECK(enclosed < 0.98 * 4000);
}

TEST_CASE("ten pairs give the ratio 1.0212 between 1.0146 and 1.0245 by bootstrap",
          "[statistics]") {
  const std::uint64_t seed = GENERATE(1, 2, 3);
  const Interval ratio = bootstrap_paired_ratio(a, b, seed);
  CHECK(*ratio.median == Approx(1.0212).margin(0.00005));
  CHECK(*ratio.low == Approx(1.0146).margin(0.0005));
  CHECK(*ratio.high == Approx(1.0245).margin(0.0005));
  const Interval again = bootstrap_paired_ratio(a, b, seed);
  CHECK(again.low == ratio.low);
  CHECK(again.high == ratio.high);
}

TEST_CASE("a bootstrap of few pairs, or of pairs by 0, claims no interval", "[statistics]") {
  const std::vector<double> zeros(10, 0.0);
  CHECK_FALSE(bootstrap_paired_ratio(a, zeros, 1).median);
  const std::vector<double> five(a.begin(), a.begin() + 5);
  const Interval interval = bootstrap_paired_ratio(five, b, 1);
  CHECK(interval.median);
  CHECK_FALSE(interval.low);
}

TEST_CASE("Jain's index is 1 for equal shares and 1/n when one has all", "[statistics]") {
  CHECK(*jain_index(std::vector<double>{10, 10, 10, 2}) == Approx(0.8421).margin(0.00005));
  CHECK(*jain_index(std::vector<double>{3, 3, 3}) == Approx(1));
  CHECK(*jain_index(std::vector<double>{0, 0, 0, 7}) == Approx(0.25));
  CHECK_FALSE(jain_index({}));
  CHECK_FALSE(jain_index(std::vector<double>{0, 0}));
}

TEST_CASE("five points give the slope 0.6 between -0.30 and 1.50", "[statistics]") {
  const std::vector<double> x{1, 2, 3, 4, 5};
  const std::vector<double> y{2, 4, 5, 4, 5};
  const auto line = fit_line(x, y);
  REQUIRE(line);
  CHECK(*line->slope.median == Approx(0.6));
  CHECK(line->intercept == Approx(2.2));
  // 3.1824 times the standard error, which is the root of 2.4 / 3 / 10.
  CHECK(*line->slope.low == Approx(0.6 - 0.90013).margin(0.00005));
  CHECK(*line->slope.high == Approx(0.6 + 0.90013).margin(0.00005));
}

TEST_CASE("a line through two points has no interval, and one value of x no line", "[statistics]") {
  const std::vector<double> x{1, 3};
  const std::vector<double> y{10, 20};
  const auto line = fit_line(x, y);
  REQUIRE(line);
  CHECK(line->at(5) == Approx(30));
  CHECK_FALSE(line->slope.low);
  CHECK_FALSE(fit_line(std::vector<double>{2, 2, 2}, std::vector<double>{1, 2, 3}));
  CHECK_FALSE(fit_line({}, {}));
}

TEST_CASE("a slope's interval encloses the truth about 95 times of 100", "[statistics]") {
  std::mt19937_64 generator(1);
  std::normal_distribution<double> noise(0, 3);
  const std::size_t points = GENERATE(5, 40);
  int enclosed = 0;
  for (int n = 0; n < 2000; ++n) {
    std::vector<double> x;
    std::vector<double> y;
    for (std::size_t i = 0; i < points; ++i) {
      x.push_back(static_cast<double>(i));
      y.push_back(7 + 2 * x.back() + noise(generator));
    }
    const Interval slope = fit_line(x, y)->slope;
    enclosed += *slope.low <= 2 && 2 <= *slope.high ? 1 : 0;
  }
  CHECK(enclosed > 0.93 * 2000);
  CHECK(enclosed < 0.97 * 2000);
}
