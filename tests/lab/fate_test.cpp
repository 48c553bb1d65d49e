#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <tuple>
#include <vector>

#include "lab/link.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t many = 1'000'000;

auto all_of(const Fate& fate) {
  return std::tuple(fate.lost, fate.duplicated, fate.held_back, fate.flip, fate.swap, fate.jitter);
}

Fate fate(const Impairment& impairment, std::uint64_t number, std::uint64_t seed = 1,
          Direction direction = Direction::a_to_b, std::uint64_t flow = 0) {
  Channel channel;
  return fate_of(impairment, seed, direction, {flow, number}, channel);
}

std::vector<bool> losses(const LossModel& model, std::uint64_t count, std::uint64_t seed = 1,
                         Direction direction = Direction::a_to_b, std::uint64_t flow = 0) {
  Impairment impairment;
  impairment.loss = model;
  Channel channel;
  std::vector<bool> lost;
  for (std::uint64_t number = 1; number <= count; ++number) {
    lost.push_back(fate_of(impairment, seed, direction, {flow, number}, channel).lost);
  }
  return lost;
}

/// Bounds of what a fair source exceeds about twice in a million seeds.
void check_binomial(std::uint64_t happened, std::uint64_t of, double ratio) {
  const double count = static_cast<double>(of);
  const double deviation = std::sqrt(count * ratio * (1 - ratio));
  INFO(happened << " of " << of << " at " << ratio);
  CHECK(std::abs(static_cast<double>(happened) - count * ratio) < 4.9 * deviation);
}

std::uint64_t count_of(const std::vector<bool>& lost) {
  return static_cast<std::uint64_t>(std::count(lost.begin(), lost.end(), true));
}

std::uint64_t both(const std::vector<bool>& a, const std::vector<bool>& b, std::size_t shift = 0) {
  std::uint64_t count = 0;
  for (std::size_t i = 0; i + shift < b.size(); ++i) count += a[i] && b[i + shift] ? 1U : 0U;
  return count;
}

Impairment everything() {
  Impairment all;
  all.loss = IndependentLoss{0.3};
  all.duplicate = 0.4;
  all.reorder = 0.3;
  all.corrupt = 0.2;
  all.corrupt_swap = 0.5;
  all.delay = all.jitter = 10ms;
  return all;
}

struct Moments {
  double mean = 0;
  double deviation = 0;
  double lowest = 0;
  double highest = 0;
};

/// Of the jitter of many packets, in its own units.
Moments moments_of(JitterShape shape) {
  Impairment impairment;
  impairment.delay = impairment.jitter = 10ms;
  impairment.jitter_shape = shape;
  std::vector<double> all;
  for (std::uint64_t number = 1; number <= many; ++number) {
    all.push_back(static_cast<double>(fate(impairment, number).jitter.count()) / 1e7);
  }
  Moments moments;
  moments.mean = std::accumulate(all.begin(), all.end(), 0.0) / static_cast<double>(many);
  double squares = 0;
  for (const double one : all) squares += (one - moments.mean) * (one - moments.mean);
  moments.deviation = std::sqrt(squares / static_cast<double>(many));
  moments.lowest = *std::ranges::min_element(all);
  moments.highest = *std::ranges::max_element(all);
  return moments;
}

}  // namespace

TEST_CASE("the same seed gives a packet the same fate", "[lab]") {
  for (std::uint64_t number = 1; number <= 1000; ++number) {
    CHECK(all_of(fate(everything(), number, 7)) == all_of(fate(everything(), number, 7)));
  }
}

TEST_CASE(
    "seeds, directions and flows have losses that have nothing to do "
    "with each other",
    "[lab]") {
  constexpr double ratio = 0.1;
  const LossModel model = IndependentLoss{ratio};
  const auto first = losses(model, many);
  check_binomial(both(first, losses(model, many, 2)), many, ratio * ratio);
  check_binomial(both(first, losses(model, many, 1, Direction::b_to_a)), many, ratio * ratio);
  check_binomial(both(first, losses(model, many, 1, Direction::a_to_b, 1)), many, ratio * ratio);
}

TEST_CASE("neighbouring packets are lost independently of each other", "[lab]") {
  constexpr double ratio = 0.1;
  const auto lost = losses(IndependentLoss{ratio}, many);
  for (const std::size_t distance : {1U, 2U, 3U, 8U, 64U, 256U}) {
    check_binomial(both(lost, lost, distance), many - distance, ratio * ratio);
  }
}

TEST_CASE("independent loss loses its share of packets", "[lab]") {
  for (const double ratio : {0.0001, 0.001, 0.01, 0.1, 0.5, 0.99}) {
    for (const std::uint64_t seed : {0U, 1U, 42U}) {
      check_binomial(count_of(losses(IndependentLoss{ratio}, many, seed)), many, ratio);
    }
  }
  CHECK(count_of(losses(IndependentLoss{1}, many)) == many);
  CHECK(count_of(losses(IndependentLoss{0}, many)) == 0);
}

TEST_CASE("duplicates, held packets and corruption come in their shares", "[lab]") {
  Impairment impairment = everything();
  impairment.loss = {};
  std::uint64_t duplicated = 0;
  std::uint64_t held = 0;
  std::uint64_t flipped = 0;
  std::uint64_t swapped = 0;
  for (std::uint64_t number = 1; number <= many; ++number) {
    const Fate one = fate(impairment, number);
    duplicated += one.duplicated ? 1U : 0U;
    held += one.held_back ? 1U : 0U;
    flipped += one.flip ? 1U : 0U;
    swapped += one.swap ? 1U : 0U;
  }
  check_binomial(duplicated, many, impairment.duplicate);
  check_binomial(held, many, impairment.reorder);
  check_binomial(flipped, many, impairment.corrupt);
  check_binomial(swapped, many, impairment.corrupt_swap);
}

TEST_CASE("each impairment draws as if it were alone", "[lab]") {
  const Impairment all = everything();
  Impairment alone;
  alone.duplicate = all.duplicate;
  Impairment swaps;
  swaps.corrupt_swap = all.corrupt_swap;
  Impairment jitter;
  jitter.jitter = all.jitter;
  std::uint64_t compared = 0;
  for (std::uint64_t number = 1; number <= 10'000; ++number) {
    const Fate one = fate(all, number);
    if (one.lost) continue;
    ++compared;
    CHECK(one.duplicated == fate(alone, number).duplicated);
    CHECK(one.swap == fate(swaps, number).swap);
    CHECK(one.jitter == fate(jitter, number).jitter);
  }
  CHECK(compared > 6000);
}

TEST_CASE("which bit is flipped says nothing of whether one is", "[lab]") {
  Impairment impairment;
  impairment.corrupt = 0.01;
  std::uint64_t flips = 0;
  std::uint64_t upper_half = 0;
  for (std::uint64_t number = 1; number <= many; ++number) {
    const auto flip = fate(impairment, number).flip;
    if (!flip) continue;
    ++flips;
    upper_half += *flip >> 63;
  }
  check_binomial(upper_half, flips, 0.5);
}

TEST_CASE(
    "bursts of a Gilbert-Elliott channel are as long on average as its "
    "bad state",
    "[lab]") {
  struct Case {
    double loss;
    double length;
  };
  for (const auto& [ratio, length] : {Case{0.02, 5}, Case{0.1, 2}, Case{0.05, 10}, Case{0.3, 3}}) {
    const double to_good = 1 / length;
    const auto lost = losses(
        GilbertElliottLoss{.good_to_bad = to_good * ratio / (1 - ratio), .bad_to_good = to_good},
        many);
    std::uint64_t bursts = lost.front() ? 1 : 0;
    for (std::size_t i = 1; i < lost.size(); ++i) bursts += lost[i] && !lost[i - 1] ? 1U : 0U;
    const double all = static_cast<double>(count_of(lost));
    INFO("loss " << ratio << ", length " << length);
    CHECK(all / static_cast<double>(bursts) == Approx(length).epsilon(0.05));
    CHECK(all / static_cast<double>(many) == Approx(ratio).epsilon(0.05));
  }
}

TEST_CASE("a Gilbert-Elliott channel loses in each state what it is told to", "[lab]") {
  constexpr double loss_in_good = 0.01;
  constexpr double loss_in_bad = 0.6;
  // Half of the time in each.
  const auto lost = losses(GilbertElliottLoss{.good_to_bad = 0.1,
                                              .bad_to_good = 0.1,
                                              .loss_in_bad = loss_in_bad,
                                              .loss_in_good = loss_in_good},
                           many);
  CHECK(static_cast<double>(count_of(lost)) / static_cast<double>(many) ==
        Approx((loss_in_good + loss_in_bad) / 2).epsilon(0.02));
}

TEST_CASE("a channel's state changes before the packet is judged", "[lab]") {
  Impairment impairment;
  impairment.loss = GilbertElliottLoss{.good_to_bad = 1, .bad_to_good = 1};
  Channel channel;
  std::vector<bool> lost;
  for (std::uint64_t number = 1; number <= 4; ++number) {
    lost.push_back(fate_of(impairment, 1, Direction::a_to_b, {0, number}, channel).lost);
  }
  CHECK(lost == std::vector<bool>{true, false, true, false});
}

TEST_CASE("scripted loss takes just the packets of its list, whatever the seed", "[lab]") {
  const ScriptedLoss list{{{3, 3}, {7, 7}, {10, 12}, {13, 13}}};
  for (const std::uint64_t seed : {1U, 2U}) {
    const auto lost = losses(list, 20, seed);
    std::vector<std::uint64_t> numbers;
    for (std::size_t i = 0; i < lost.size(); ++i) {
      if (lost[i]) numbers.push_back(i + 1);
    }
    CHECK(numbers == std::vector<std::uint64_t>{3, 7, 10, 11, 12, 13});
  }
}

TEST_CASE("uniform jitter fills the range around the delay and no more", "[lab]") {
  const Moments moments = moments_of(JitterShape::uniform);
  CHECK(moments.mean == Approx(0).margin(0.003));
  CHECK(moments.deviation == Approx(1 / std::sqrt(3)).epsilon(0.01));
  CHECK(moments.lowest >= -1);
  CHECK(moments.lowest < -0.999);
  CHECK(moments.highest <= 1);
  CHECK(moments.highest > 0.999);
}

TEST_CASE("normal jitter has its standard deviation", "[lab]") {
  const Moments moments = moments_of(JitterShape::normal);
  CHECK(moments.mean == Approx(0).margin(0.005));
  CHECK(moments.deviation == Approx(1).epsilon(0.01));
  CHECK(moments.highest > 4);
  CHECK(moments.highest < 7);
}

TEST_CASE("pareto jitter has mean 0, its standard deviation, and an end", "[lab]") {
  const Moments moments = moments_of(JitterShape::pareto);
  CHECK(moments.mean == Approx(0).margin(0.01));
  // The cut at its 99.99 % takes a little of the variance away.
  CHECK(moments.deviation == Approx(1).epsilon(0.1));
  CHECK(moments.lowest == Approx(-1 / std::sqrt(3)).epsilon(0.001));
  CHECK(moments.highest == Approx((std::cbrt(1e4) - 1.5) / std::sqrt(0.75)).epsilon(0.001));
}
