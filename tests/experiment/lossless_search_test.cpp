#include "experiment/lossless_search.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

constexpr double message_bits = 8 * 1000;
constexpr auto around_a_trial = 400ms;

/// A path and its ends, in place of real ones: what of the offered messages comes to what.
struct Simulated {
  double receiver_bits_per_second = 1e15;
  double path_bits_per_second = 1e15;
  double sender_bits_per_second = 1e15;
  double random_loss = 0;
  bool knows_where = true;

  LosslessResult run(const LosslessPlan& plan) const {
    const double seconds = std::chrono::duration<double>(plan.time).count();
    const auto messages = [&](double rate) {
      return static_cast<std::uint64_t>(rate * seconds / message_bits);
    };
    const std::uint64_t due = messages(plan.bits_per_second);
    LosslessResult result{.time = plan.time, .took = plan.time + around_a_trial};
    result.sent = std::min(due, messages(sender_bits_per_second));
    result.skipped = due - result.sent;
    const std::uint64_t across =
        std::min(static_cast<std::uint64_t>(static_cast<double>(result.sent) * (1 - random_loss)),
                 messages(path_bits_per_second));
    const std::uint64_t came = std::min(across, messages(receiver_bits_per_second));
    result.lost = result.sent - came;
    if (knows_where) {
      result.lost_elsewhere = Bounds{.low = result.sent - across, .high = result.sent - across};
      result.lost_in_host = Bounds{.low = across - came, .high = across - came};
    }
    return result;
  }
};

using Run = std::function<LosslessResult(const LosslessPlan&)>;

LosslessFinding search(const Run& run, const LosslessSearchSpec& spec = {}) {
  LosslessSearch search(spec);
  while (const auto plan = search.next()) search.add(run(*plan));
  return search.finding();
}

LosslessFinding search(const Simulated& path, const LosslessSearchSpec& spec = {}) {
  return search([&path](const LosslessPlan& plan) { return path.run(plan); }, spec);
}

/// Turns some trials into ones that lost a message here; `n` counts all from 0.
Run with_stalls(const Simulated& path, std::function<bool(std::size_t n)> stalls) {
  return [path, stalls = std::move(stalls), n = std::size_t{0}](const LosslessPlan& plan) mutable {
    LosslessResult result = path.run(plan);
    if (stalls(n++) && result.lost == 0) {
      result.lost = 1;
      result.lost_in_host = Bounds{.low = 1, .high = 1};
    }
    return result;
  };
}

void check_found(const LosslessFinding& finding, double capacity) {
  REQUIRE(finding.bits_per_second);
  CHECK(finding.confirmed);
  CHECK(finding.finished);
  // A message more or less at either end of a trial.
  CHECK(*finding.bits_per_second <= capacity + message_bits);
  CHECK(*finding.bits_per_second >= capacity / 1.02 - message_bits);
  REQUIRE(finding.precision_ratio);
  CHECK(*finding.precision_ratio < 0.0201);
}

std::size_t searching_trials(const LosslessFinding& finding) {
  return static_cast<std::size_t>(std::ranges::count_if(
      finding.trials, [](const LosslessTrial& trial) { return !trial.plan.confirming; }));
}

}  // namespace

TEST_CASE("a search finds what a receiver keeps up with, to two percent", "[search]") {
  // RFC 2544's bisection has a true limit of 730 for an example.
  for (const double capacity : {1.1e6, 9.99e6, 730e6, 4.01e9, 87e9}) {
    CAPTURE(capacity);
    const LosslessFinding finding = search({.receiver_bits_per_second = capacity});
    check_found(finding, capacity);
    CHECK(finding.limited_by == RateLimit::receiver);
    CHECK(searching_trials(finding) <= 25);
  }
}

TEST_CASE("a search begins low and grows until something is lost", "[search]") {
  const LosslessFinding finding = search({.receiver_bits_per_second = 50e6});
  REQUIRE(finding.trials.size() > 4);
  CHECK(finding.trials[0].plan.bits_per_second == 1e6);
  CHECK(finding.trials[1].plan.bits_per_second == 4e6);
  CHECK(finding.trials[3].plan.bits_per_second == 64e6);
  CHECK(finding.trials[3].outcome == LosslessOutcome::lossy);
  for (const LosslessTrial& trial : finding.trials) CHECK(trial.plan.bits_per_second <= 64e6);
}

TEST_CASE("the last trial confirms the rate over the whole time of the test", "[search]") {
  LosslessSearchSpec spec;
  spec.trial_time = 500ms;
  spec.confirming_time = 7s;
  const LosslessFinding finding = search({.receiver_bits_per_second = 50e6}, spec);
  for (const LosslessTrial& trial : finding.trials) {
    CHECK(trial.plan.time == (trial.plan.confirming ? 7s : 500ms));
  }
  CHECK(finding.trials.back().plan.confirming);
  CHECK(finding.trials.back().plan.bits_per_second == Approx(*finding.bits_per_second));
}

TEST_CASE("what limits a rate is where the rate above it failed", "[search]") {
  CHECK(search({.path_bits_per_second = 30e6}).limited_by == RateLimit::path);
  CHECK(search({.receiver_bits_per_second = 30e6, .knows_where = false}).limited_by ==
        std::nullopt);
  const LosslessFinding slow = search({.sender_bits_per_second = 30e6});
  REQUIRE(slow.bits_per_second);
  CHECK(slow.limited_by == RateLimit::sender);
  CHECK(*slow.bits_per_second == Approx(30e6).epsilon(0.01));
  CHECK_FALSE(slow.precision_ratio);
}

TEST_CASE("a search stays within what the server allows and says that it was the limit",
          "[search]") {
  // A third of 100 Mbit/s, as three streams have it, would be more than that when rounded up.
  const double allowed = GENERATE(25e6, 100e6 / 6, 1e6, 0.5e6);
  const Simulated path;
  LosslessSearchSpec spec;
  spec.first_bits_per_second = std::min(1e6, allowed);
  LosslessSearch search(spec);
  while (const auto plan = search.next()) {
    search.set_server_limit(allowed);
    search.add(path.run(*plan));
  }
  const LosslessFinding finding = search.finding();
  for (const LosslessTrial& trial : finding.trials) CHECK(trial.plan.bits_per_second <= allowed);
  REQUIRE(finding.bits_per_second);
  CHECK(*finding.bits_per_second == std::floor(allowed));
  CHECK(finding.confirmed);
  CHECK(finding.limited_by == RateLimit::server);
  CHECK_FALSE(finding.precision_ratio);
}

TEST_CASE("a server that allows more than the path carries isn't the limit", "[search]") {
  const Simulated path{.path_bits_per_second = 30e6};
  LosslessSearch search({});
  while (const auto plan = search.next()) {
    search.set_server_limit(100e6);
    search.add(path.run(*plan));
  }
  CHECK(search.finding().limited_by == RateLimit::path);
  check_found(search.finding(), 30e6);
}

TEST_CASE("a sender that is too slow is the limit, also where its messages are lost", "[search]") {
  const LosslessFinding finding =
      search({.receiver_bits_per_second = 25e6, .sender_bits_per_second = 20e6});
  CHECK(finding.limited_by == RateLimit::sender);
}

TEST_CASE("a sender whose host is busy can find a rate, which is what it really offered",
          "[search]") {
  const auto run = [](const LosslessPlan& plan) {
    LosslessPlan offered = plan;
    offered.bits_per_second *= 0.95;
    LosslessResult result = Simulated{.receiver_bits_per_second = 30e6}.run(offered);
    result.skipped = result.sent * 5 / 95;
    return result;
  };
  const LosslessFinding finding = search(run);
  REQUIRE(finding.bits_per_second);
  CHECK(*finding.bits_per_second == Approx(30e6).epsilon(0.02));
  CHECK(*finding.bits_per_second < 30e6 + message_bits);
  CHECK(finding.limited_by == RateLimit::receiver);
  // What was asked for and lost is that much further off.
  CHECK(*finding.precision_ratio == Approx(0.06).margin(0.015));
}

TEST_CASE("a sender that falls short in the confirming trial confirms what it really offered",
          "[search]") {
  const auto run = [](const LosslessPlan& plan) {
    return Simulated{.receiver_bits_per_second = 30e6,
                     .sender_bits_per_second = plan.confirming ? 8e6 : 1e15}
        .run(plan);
  };
  const LosslessFinding finding = search(run);
  CHECK(finding.confirmed);
  CHECK(finding.trials.back().outcome == LosslessOutcome::lossless);
  REQUIRE(finding.bits_per_second);
  CHECK(*finding.bits_per_second == Approx(8e6).epsilon(0.01));
  CHECK(finding.limited_by == RateLimit::sender);
  CHECK_FALSE(finding.precision_ratio);
}

TEST_CASE("a message that the sender's own stack refused wasn't offered", "[search]") {
  const auto run = [](const LosslessPlan& plan) {
    LosslessResult result = Simulated{}.run(plan);
    if (plan.bits_per_second > 30e6) result.refused = 1;
    return result;
  };
  const LosslessFinding finding = search(run);
  REQUIRE(finding.bits_per_second);
  CHECK(*finding.bits_per_second == Approx(30e6).epsilon(0.02));
  CHECK(finding.limited_by == RateLimit::sender);
}

TEST_CASE("where nothing is ever lost the highest rate is the answer, with no limit known",
          "[search]") {
  LosslessSearchSpec spec;
  spec.highest_bits_per_second = 100e6;
  const LosslessFinding finding = search(Simulated{}, spec);
  CHECK(finding.bits_per_second == 100e6);
  CHECK(finding.confirmed);
  CHECK_FALSE(finding.limited_by);
  CHECK_FALSE(finding.precision_ratio);
}

TEST_CASE("where every rate loses there is no answer, but what limits is known", "[search]") {
  LosslessSearchSpec spec;
  spec.lowest_bits_per_second = 160e3;
  const LosslessFinding finding = search({.random_loss = 0.1}, spec);
  CHECK_FALSE(finding.bits_per_second);
  CHECK_FALSE(finding.confirmed);
  CHECK(finding.finished);
  CHECK(finding.limited_by == RateLimit::path);
  CHECK(finding.trials.back().plan.bits_per_second == 160e3);
}

TEST_CASE("a capacity below the first rate is found as well", "[search]") {
  check_found(
      search({.receiver_bits_per_second = 200e3}, {.trial_time = 10s, .longest_search = 1h}),
      200e3);
}

TEST_CASE("one stalled trial, whichever it is, doesn't move the answer", "[search]") {
  const Simulated path{.receiver_bits_per_second = 730e6};
  for (std::size_t stalled = 0; stalled < 25; ++stalled) {
    CAPTURE(stalled);
    const LosslessFinding finding =
        search(with_stalls(path, [stalled](std::size_t n) { return n == stalled; }));
    REQUIRE(finding.bits_per_second);
    CHECK(finding.confirmed);
    // Only the confirming trial lowers the rate at once.
    CHECK(*finding.bits_per_second > 730e6 / 1.05);
    CHECK(*finding.bits_per_second <= 730e6);
  }
}

TEST_CASE("a stall over two trials far below doesn't fix the upper bound", "[search]") {
  const Simulated path{.receiver_bits_per_second = 730e6};
  // Both trials of 16 Mbit/s.
  const LosslessFinding finding =
      search(with_stalls(path, [](std::size_t n) { return n == 2 || n == 3; }));
  CHECK(finding.trials[3].plan.bits_per_second == 16e6);
  check_found(finding, 730e6);
}

TEST_CASE("on a noisy machine a search ends within its bounds and near the answer", "[search]") {
  std::mt19937_64 random(7);
  constexpr int rounds = 200;
  int near = 0;
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);
    std::vector<bool> stalls(100);
    for (std::size_t i = 0; i < stalls.size(); ++i) stalls[i] = random() % 100 < 15;
    const LosslessFinding finding =
        search(with_stalls({.receiver_bits_per_second = 100e6},
                           [&stalls](std::size_t n) { return n < stalls.size() && stalls[n]; }));
    CHECK(finding.trials.size() <= 45);
    CHECK(finding.finished);
    REQUIRE(finding.bits_per_second);
    CHECK(*finding.bits_per_second <= 100e6);
    if (*finding.bits_per_second > 50e6) ++near;
  }
  CHECK(near >= rounds * 95 / 100);
}

TEST_CASE("a rate that loses over the whole time is lowered until one is confirmed", "[search]") {
  // A queue of 10 Mbit hides for a second what is 10 Mbit/s too much.
  const auto run = [](const LosslessPlan& plan) {
    const double seconds = std::chrono::duration<double>(plan.time).count();
    Simulated path{.path_bits_per_second = 100e6 + 10e6 / seconds};
    return path.run(plan);
  };
  const LosslessFinding finding = search(run);
  REQUIRE(finding.bits_per_second);
  CHECK(finding.confirmed);
  CHECK(*finding.bits_per_second > 90e6);
  CHECK(*finding.bits_per_second <= 101e6 + message_bits);
  CHECK(finding.limited_by == RateLimit::path);
  CHECK(finding.trials[finding.trials.size() - 2].plan.confirming);
}

TEST_CASE("what was never confirmed is said to be so, and is no rate that failed", "[search]") {
  const auto run = [](const LosslessPlan& plan) {
    Simulated path{.receiver_bits_per_second = 50e6};
    LosslessResult result = path.run(plan);
    if (plan.confirming && result.lost == 0) result.lost = 1;
    return result;
  };
  const LosslessFinding finding = search(run);
  CHECK_FALSE(finding.confirmed);
  CHECK(finding.finished);
  REQUIRE(finding.bits_per_second);
  for (const LosslessTrial& trial : finding.trials) {
    if (trial.plan.confirming) CHECK(trial.plan.bits_per_second > *finding.bits_per_second);
  }
  CHECK(std::ranges::count_if(
            finding.trials, [](const LosslessTrial& trial) { return trial.plan.confirming; }) == 5);
}

TEST_CASE("a rate that lost once and held all in all is not what the answer is measured by",
          "[search]") {
  bool has_stalled = false;
  const auto run = [&has_stalled](const LosslessPlan& plan) {
    LosslessResult result = Simulated{.receiver_bits_per_second = 80e6}.run(plan);
    const bool stalls = plan.bits_per_second == 64e6 && !has_stalled;
    if (stalls || (plan.confirming && plan.bits_per_second > 62e6)) result.lost += 1;
    has_stalled = has_stalled || stalls;
    return result;
  };
  const LosslessFinding finding = search(run);
  REQUIRE(finding.confirmed);
  REQUIRE(has_stalled);
  // Four confirmations failed above it, the last at 1.18 times the rate; 64 Mbit/s lies between.
  CHECK(*finding.bits_per_second < 62e6);
  CHECK(*finding.precision_ratio == Approx(0.18).margin(0.001));
}

TEST_CASE("a search is bounded in trials and in time, and confirms what it has", "[search]") {
  const Simulated path{.receiver_bits_per_second = 730e6};
  const LosslessFinding few = search(path, {.most_trials = 8});
  CHECK(searching_trials(few) == 8);
  CHECK(few.confirmed);
  REQUIRE(few.precision_ratio);
  CHECK(*few.precision_ratio > 0.02);
  // A trial of a second takes 1.4 s with what surrounds it.
  const LosslessFinding quick = search(path, {.longest_search = 14s});
  CHECK(searching_trials(quick) == 10);
  CHECK(quick.confirmed);
}

TEST_CASE("a search that was left has what it found so far and claims no limit", "[search]") {
  const Simulated path{.receiver_bits_per_second = 730e6};
  LosslessSearch search{LosslessSearchSpec{}};
  CHECK_FALSE(search.finding().bits_per_second);
  for (int i = 0; i < 7; ++i) search.add(path.run(*search.next()));
  const LosslessFinding finding = search.finding();
  CHECK(finding.trials.size() == 7);
  CHECK(finding.bits_per_second == 256e6);
  CHECK_FALSE(finding.confirmed);
  CHECK_FALSE(finding.finished);
  CHECK_FALSE(finding.limited_by);
}

TEST_CASE("a message missed at the ends of a slow trial is not a sender's fault", "[search]") {
  LosslessSearch search{LosslessSearchSpec{}};
  LosslessResult result = Simulated{}.run(*search.next());
  result.skipped = 2;
  result.sent = 20;
  CHECK(search.add(result).outcome == LosslessOutcome::lossless);
}

TEST_CASE("what a queue takes for a while is not taken for the path's rate", "[lossless]") {
  constexpr double carried = 20e6;
  constexpr double queue_bits = carried * 0.05;
  LosslessSearchSpec spec;
  spec.confirming_time = 1s;
  const auto finding = search(
      [&](const LosslessPlan& plan) {
        const double seconds = std::chrono::duration<double>(plan.time).count();
        const double bits = plan.bits_per_second * seconds;
        LosslessResult result{.time = plan.time, .took = plan.time + around_a_trial};
        result.sent = static_cast<std::uint64_t>(bits / message_bits);
        const double lost = std::max(0.0, bits - carried * seconds - queue_bits) / message_bits;
        result.lost = static_cast<std::uint64_t>(lost);
        result.lost_elsewhere = Bounds{.low = result.lost, .high = result.lost};
        result.lost_in_host = Bounds{};
        result.came_in = std::max(plan.time, std::chrono::duration_cast<std::chrono::nanoseconds>(
                                                 std::chrono::duration<double>(bits / carried)));
        return result;
      },
      spec);
  REQUIRE(finding.bits_per_second);
  CHECK(*finding.bits_per_second <= carried * 1.001);
  CHECK(*finding.bits_per_second >= carried / 1.02);
}
