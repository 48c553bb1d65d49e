#include "netduel/measure/histogram.hpp"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <random>
#include <vector>

#include "support/catch.hpp"

namespace netduel {
namespace {

using std::chrono::nanoseconds;
using namespace std::chrono_literals;

DurationHistogram histogram_of(const std::vector<nanoseconds>& values) {
  DurationHistogram histogram;
  for (const nanoseconds value : values) histogram.record(value);
  return histogram;
}

bool within_one_percent(nanoseconds read, nanoseconds recorded) {
  return std::abs(static_cast<double>(read.count()) - static_cast<double>(recorded.count())) <=
         0.01 * static_cast<double>(recorded.count());
}

TEST_CASE("a percentile is the smallest value that covers the ratio", "[histogram]") {
  // RFC 2330, section 11.3, and the same sample moved up so that no value is negative.
  const auto sample = histogram_of({-2ns, 7ns, 7ns, 4ns, 18ns, -5ns});
  CHECK(sample.percentile(0.50) == 4ns);
  CHECK(sample.percentile(0.51) == 7ns);
  CHECK(sample.percentile(1.00) == 18ns);
  const auto moved = histogram_of({8ns, 17ns, 17ns, 14ns, 28ns, 5ns});
  CHECK(moved.percentile(0.25) == 8ns);
  CHECK(moved.percentile(0.50) == 14ns);
}

TEST_CASE("lost messages rank as infinitely late", "[histogram]") {
  // RFC 7679, section 5.1: {100, 110, lost, 90, 500} ms has a median of 110 ms.
  const auto delays = histogram_of({100ms, 110ms, 90ms, 500ms});
  REQUIRE(delays.percentile(0.5, 1).has_value());
  CHECK(within_one_percent(*delays.percentile(0.5, 1), 110ms));
  CHECK(delays.percentile(0.8, 1) == 500ms);
  CHECK_FALSE(delays.percentile(0.81, 1).has_value());
  CHECK_FALSE(delays.percentile(0.5, 100).has_value());
}

TEST_CASE("an empty histogram has no figures", "[histogram]") {
  const DurationHistogram empty;
  CHECK_FALSE(empty.min().has_value());
  CHECK_FALSE(empty.max().has_value());
  CHECK_FALSE(empty.percentile(0.5).has_value());
  CHECK_FALSE(empty.percentile(0.5, 10).has_value());
}

TEST_CASE("negative durations are counted apart and rank below all others", "[histogram]") {
  const auto histogram = histogram_of({5ns, -3ns, -7ns, 9ns, -1ns, 6ns});
  CHECK(histogram.negative_count() == 3);
  CHECK(histogram.count() == 6);
  CHECK(histogram.min() == -7ns);
  CHECK(histogram.percentile(1.0 / 6) == -7ns);
  CHECK_FALSE(histogram.percentile(0.5).has_value());
  CHECK(histogram.percentile(4.0 / 6) == 5ns);
  CHECK(histogram_of({-3ns, -7ns}).max() == -3ns);
}

TEST_CASE("values of every magnitude are read back within one percent", "[histogram]") {
  std::vector<nanoseconds> values{0ns, nanoseconds::max()};
  for (int bit = 0; bit < 63; ++bit) {
    const std::int64_t power = std::int64_t{1} << bit;
    const std::int64_t step = std::max<std::int64_t>(power / 64, 1);
    for (const std::int64_t value :
         {power - 1, power, power + 1, power + step - 1, power + step, power + (power - 1)}) {
      values.emplace_back(value);
    }
  }
  for (const nanoseconds value : values) {
    // Neither the smallest nor the largest, which are exact by other means.
    const auto histogram = histogram_of({0ns, value, nanoseconds::max()});
    const auto read = histogram.percentile(2.0 / 3);
    REQUIRE(read.has_value());
    INFO(value.count() << " was read back as " << read->count());
    CHECK(within_one_percent(*read, value));
  }
}

TEST_CASE("percentiles agree with those of the sorted values within one percent", "[histogram]") {
  const auto seed = GENERATE(1U, 2U, 3U, 4U, 5U);
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> magnitude(0, 42);
  std::vector<nanoseconds> values(1 + random() % 5000);
  for (auto& value : values) {
    value = nanoseconds{static_cast<std::int64_t>(std::exp2(magnitude(random)))};
  }
  const auto histogram = histogram_of(values);
  std::sort(values.begin(), values.end());
  CHECK(histogram.min() == values.front());
  CHECK(histogram.max() == values.back());
  for (std::size_t per_mille = 1; per_mille <= 1000; ++per_mille) {
    const std::size_t rank = (per_mille * values.size() + 999) / 1000;
    const auto read = histogram.percentile(static_cast<double>(per_mille) / 1000);
    REQUIRE(read.has_value());
    INFO("at " << per_mille << " per mille");
    CHECK(within_one_percent(*read, values[rank - 1]));
  }
}

TEST_CASE("merged histograms read as one that recorded everything", "[histogram]") {
  std::mt19937_64 random(7);
  DurationHistogram all;
  DurationHistogram merged;
  for (int part = 0; part < 4; ++part) {
    DurationHistogram histogram;
    for (int i = 0; i < 300; ++i) {
      const nanoseconds value{static_cast<std::int64_t>(random() % 1'000'000) - 1000};
      histogram.record(value);
      all.record(value);
    }
    merged.merge(histogram);
  }
  merged.merge(DurationHistogram{});
  CHECK(merged.count() == all.count());
  CHECK(merged.negative_count() == all.negative_count());
  CHECK(merged.min() == all.min());
  CHECK(merged.max() == all.max());
  for (const double ratio : {0.01, 0.25, 0.5, 0.75, 0.99, 0.999}) {
    CHECK(merged.percentile(ratio) == all.percentile(ratio));
  }
}

}  // namespace
}  // namespace netduel
