#include "netduel/measure/paired.hpp"

#include <limits>
#include <vector>

#include "support/catch.hpp"

namespace netduel {
namespace {

const std::vector<double> a{9.41, 9.38, 9.40, 9.35, 9.42, 9.12, 9.39, 9.41, 9.37, 9.40};
const std::vector<double> b{9.20, 9.22, 9.18, 9.25, 9.19, 9.21, 9.17, 9.23, 9.20, 9.16};

Interval ratio_between(double low, double middle, double high) {
  return {.median = middle, .low = low, .high = high, .method = ""};
}

TEST_CASE("the median is the middle one, or the mean of the middle two", "[paired]") {
  CHECK(median(std::vector<double>{3, 1, 2}) == 2.0);
  // RFC 2330's sample, section 11.3.
  CHECK(median(std::vector<double>{-2, 7, 7, 4, 18, -5}) == 5.5);
  CHECK_FALSE(median({}).has_value());
}

TEST_CASE("five values give no interval of 95 % and six give the smallest and the largest",
          "[paired]") {
  CHECK_FALSE(median_ranks(5).has_value());
  CHECK_FALSE(median_ranks(0).has_value());
  const auto six = median_ranks(6);
  REQUIRE(six.has_value());
  CHECK(six->low == 1);
  CHECK(six->high == 6);
  CHECK(six->confidence == Approx(0.96875));
}

TEST_CASE("ranks of the median's interval are the binomial distribution's", "[paired]") {
  const auto ten = median_ranks(10);
  REQUIRE(ten.has_value());
  CHECK(ten->low == 2);
  CHECK(ten->high == 9);
  CHECK(ten->confidence == Approx(0.9785).epsilon(1e-4));
  const auto twenty = median_ranks(20);
  REQUIRE(twenty.has_value());
  CHECK(twenty->low == 6);
  CHECK(twenty->high == 15);
  CHECK(twenty->confidence == Approx(0.9586).epsilon(1e-4));
}

TEST_CASE("the ranks of thousands of values follow the normal distribution", "[paired]") {
  const auto ranks = median_ranks(10'000);  // 2^-10000 is no double
  REQUIRE(ranks.has_value());
  CHECK(ranks->low == Approx(5000 - 1.96 * 50).margin(1));
  CHECK(ranks->low + ranks->high == 10'001);
  CHECK(ranks->confidence == Approx(0.95).margin(0.002));
}

TEST_CASE("ten pairs give the ratio 1.0212 between 1.0108 and 1.0250", "[paired]") {
  const Interval ratio = paired_ratio(a, b);
  REQUIRE(ratio.median.has_value());
  REQUIRE(ratio.low.has_value());
  REQUIRE(ratio.high.has_value());
  CHECK(*ratio.median == Approx(1.0212).margin(5e-5));
  CHECK(*ratio.low == Approx(1.0108).margin(5e-5));
  CHECK(*ratio.high == Approx(1.0250).margin(5e-5));
  CHECK(ratio.method == "median, order statistics 2 and 9 of 10 (97.85 % confidence)");
}

TEST_CASE("too few pairs give a median, no interval and no claim", "[paired]") {
  const Interval ratio = paired_ratio(std::span(a).first(5), std::span(b).first(5));
  CHECK(ratio.median.has_value());
  CHECK_FALSE(ratio.low.has_value());
  CHECK_FALSE(ratio.high.has_value());
  CHECK(ratio.method == "median, too few values for an interval (5 of at least 6)");
  CHECK(claim(ratio, 0.001) == Claim::no_difference_shown);
}

TEST_CASE("the median of RFC 7679's sample is between the two in the middle", "[paired]") {
  // What was lost is infinitely late.
  constexpr double lost = std::numeric_limits<double>::infinity();
  CHECK(median(std::vector<double>{100, 110, lost, 90}) == 105);
  CHECK(median(std::vector<double>{100, 110, lost, 90, 500}) == 110);
}

TEST_CASE("a pair whose denominator is zero is left out", "[paired]") {
  const Interval ratio = paired_ratio(std::vector<double>{2, 5, 6}, std::vector<double>{1, 0, 2});
  CHECK(ratio.median == 2.5);
  CHECK_FALSE(paired_ratio(std::vector<double>{1}, std::vector<double>{0}).median.has_value());
}

TEST_CASE("a difference is claimed beyond the threshold and with 1 outside the interval",
          "[paired]") {
  CHECK(claim(paired_ratio(a, b), 0.02) == Claim::larger);
  CHECK(claim(paired_ratio(b, a), 0.02) == Claim::smaller);
  CHECK(claim(paired_ratio(a, b), 0.03) == Claim::no_difference_shown);
  CHECK(claim(paired_ratio(a, a), 0) == Claim::no_difference_shown);
  CHECK(claim(ratio_between(0.99, 1.2, 1.4), 0.02) == Claim::no_difference_shown);
  CHECK(claim(ratio_between(0.6, 0.8, 1.01), 0.02) == Claim::no_difference_shown);
}

}  // namespace
}  // namespace netduel
