#include "session/schedule.hpp"

#include <chrono>
#include <vector>

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;
using Elapsed = Schedule::Elapsed;

namespace {

Schedule periodic(double messages_per_second, std::uint64_t seed = 1) {
  return {ScheduleKind::periodic, messages_per_second, 1, seed};
}

/// Asks at every step from `from` to `to` and returns the due times of all that left.
std::vector<Elapsed> run(Schedule& schedule, Elapsed from, Elapsed to, Elapsed step,
                         std::size_t* largest_turn = nullptr) {
  std::vector<Elapsed> due;
  for (Elapsed now = from; now < to; now += step) {
    const auto turn = schedule.turn(now);
    if (largest_turn != nullptr) *largest_turn = std::max(*largest_turn, turn.messages);
    for (std::size_t i = 0; i < turn.messages; ++i) due.push_back(schedule.take(now));
  }
  return due;
}

}  // namespace

TEST_CASE("back to back, every turn is a whole batch that is due now", "[schedule]") {
  Schedule schedule(ScheduleKind::back_to_back, 0, 64, 1);
  CHECK(schedule.turn(5ms).messages == 64);
  CHECK(schedule.take(5ms) == 5ms);
  CHECK(schedule.skipped() == 0);
}

TEST_CASE("a periodic schedule starts at random within the first interval and keeps its distance",
          "[schedule]") {
  bool starts_differ = false;
  Elapsed first_start{};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Schedule schedule = periodic(1000, seed);
    const auto due = run(schedule, 0ns, 100ms, 10us);
    REQUIRE(due.size() >= 99);
    CHECK(due.front() >= 0ns);
    CHECK(due.front() < 1ms);
    if (seed == 0) first_start = due.front();
    starts_differ = starts_differ || due.front() != first_start;
    for (std::size_t i = 1; i < due.size(); ++i) {
      CHECK(std::abs((due[i] - due[i - 1] - 1ms).count()) <= 1);
    }
    CHECK(schedule.skipped() == 0);
  }
  CHECK(starts_differ);
}

TEST_CASE("the same seed gives the same schedule", "[schedule]") {
  Schedule one(ScheduleKind::poisson, 10000, 1, 42);
  Schedule other(ScheduleKind::poisson, 10000, 1, 42);
  CHECK(run(one, 0ns, 50ms, 10us) == run(other, 0ns, 50ms, 10us));
}

TEST_CASE("a Poisson schedule has exponential gaps of the right mean", "[schedule]") {
  Schedule schedule(ScheduleKind::poisson, 10000, 1, 7);
  const auto due = run(schedule, 0ns, 4s, 5us);
  // 40 000 expected, standard deviation 200.
  CHECK(due.size() > 39000);
  CHECK(due.size() < 41000);
  std::size_t shorter_than_mean = 0;
  for (std::size_t i = 1; i < due.size(); ++i) shorter_than_mean += due[i] - due[i - 1] < 100us;
  // 1 - 1/e of an exponential distribution lie below its mean.
  CHECK(static_cast<double>(shorter_than_mean) / static_cast<double>(due.size()) ==
        Approx(0.632).margin(0.01));
}

TEST_CASE("a burst never holds more than 100 us of the rate, and at least one message",
          "[schedule]") {
  std::size_t largest = 0;
  Schedule fast = periodic(1e6);
  run(fast, 0ns, 20ms, 700us, &largest);
  CHECK(largest == 100);
  largest = 0;
  Schedule slow = periodic(10);
  run(slow, 0ns, 1s, 1ms, &largest);
  CHECK(largest == 1);
}

TEST_CASE("after a stall of its own the sender skips what is older than 1 ms", "[schedule]") {
  Schedule schedule = periodic(100000);
  const auto before = run(schedule, 0ns, 10ms, 50us);
  const auto after = run(schedule, 60ms, 80ms, 20us);
  CHECK(schedule.skipped() >= 4890);
  CHECK(schedule.skipped() <= 4910);
  CHECK(after.front() >= 59ms - 20us);
  CHECK(before.size() + after.size() + schedule.skipped() >= 7990);
}

TEST_CASE("the catch-up after a stall goes at no more than twice the rate", "[schedule]") {
  Schedule schedule = periodic(100000);
  run(schedule, 0ns, 10ms, 50us);
  // The first turn may give one burst at once; from there on twice the rate.
  const auto caught_up = run(schedule, 60ms, 60ms + 500us, 1us);
  CHECK(caught_up.size() <= 10 + 2 * 50);
  CHECK(caught_up.size() >= 90);
  CHECK(schedule.catching_up());
  run(schedule, 60ms + 500us, 63ms, 1us);
  CHECK_FALSE(schedule.catching_up());
}

TEST_CASE("a late message that is the only one due is not skipped", "[schedule]") {
  Schedule schedule = periodic(10);
  const auto due = run(schedule, 90ms, 1s, 99ms);
  CHECK(schedule.skipped() == 0);
  CHECK(due.size() >= 9);
}

TEST_CASE("under back-pressure nothing is skipped and due times are kept", "[schedule]") {
  Schedule schedule = periodic(100000);
  auto due = run(schedule, 0ns, 10ms, 50us);
  schedule.held_back(60ms);
  const auto after = run(schedule, 60ms, 80ms, 20us);
  due.insert(due.end(), after.begin(), after.end());
  CHECK(schedule.skipped() == 0);
  CHECK(after.front() < 10ms + 20us);
  for (std::size_t i = 1; i < due.size(); ++i) {
    REQUIRE(std::abs((due[i] - due[i - 1] - 10us).count()) <= 1);
  }
}

TEST_CASE("a stall of the sender's own is not excused by a backlog of the transport's",
          "[schedule]") {
  Schedule schedule = periodic(100000);
  run(schedule, 0ns, 2ms, 50us);
  schedule.held_back(10ms);
  run(schedule, 510ms, 520ms, 20us);
  CHECK(schedule.skipped() > 49000);
}

TEST_CASE("intervals just below 100 us leave one by one also when late", "[schedule]") {
  Schedule schedule = periodic(1e9 / 60e3);
  std::size_t largest_at_once = 0;
  for (Elapsed now = 0ns; now < 20ms; now += 85us) {
    std::size_t left = 0;
    for (int again = 0; again < 3; ++again) {
      const auto turn = schedule.turn(now);
      for (std::size_t i = 0; i < turn.messages; ++i, ++left) schedule.take(now);
    }
    largest_at_once = std::max(largest_at_once, left);
  }
  CHECK(largest_at_once == 1);
}

TEST_CASE("the highest rates cost neither time nor memory", "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 1e15, 1, 1, 10s);
  CHECK(schedule.largest_turn() == Schedule::most_in_a_burst);
  CHECK(schedule.turn(5s).messages == Schedule::most_in_a_burst);
  CHECK(schedule.skipped() >= 4'998'000'000'000'000);
  CHECK(schedule.skipped() <= 5'000'000'000'000'000);
  schedule.give_up();
  CHECK(schedule.exhausted());
}

TEST_CASE("a turn with little room is followed by others at once, and the rate is kept",
          "[schedule]") {
  // 32 messages in 100 us, and room for 4.
  Schedule schedule(ScheduleKind::periodic, 320e3, 1, 1, Elapsed::max(), 1, 4);
  CHECK(schedule.largest_turn() == 4);
  std::size_t taken = 0;
  Elapsed now = 0ns;
  while (now < 100ms) {
    const auto turn = schedule.turn(now);
    REQUIRE(turn.messages <= 4);
    for (std::size_t i = 0; i < turn.messages; ++i, ++taken) schedule.take(now);
    now = turn.messages > 0 ? now + 1us : turn.next;
  }
  CHECK(taken >= 31'990);
  CHECK(taken <= 32'010);
  CHECK(schedule.skipped() == 0);
}

TEST_CASE("what the end of the trial leaves unsent is counted as skipped", "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 1000, 1, 1, 20ms);
  run(schedule, 0ns, 10ms, 100us);
  CHECK_FALSE(schedule.exhausted());
  const auto left = schedule.give_up();
  CHECK(left >= 9);
  CHECK(left <= 11);
  CHECK(schedule.skipped() == left);
  CHECK(schedule.exhausted());
}

TEST_CASE("who is told to end before its time skips only what was due until then", "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 1000, 1, 1, 20ms);
  run(schedule, 0ns, 5ms, 100us);
  CHECK(schedule.give_up(0ns) == 0);
  const auto left = schedule.give_up(10ms);
  CHECK(left >= 4);
  CHECK(left <= 6);
  CHECK(schedule.skipped() == left);
  CHECK_FALSE(schedule.exhausted());
}

TEST_CASE("a stall beyond the end skips nothing that was never due", "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 1000, 1, 1, 20ms);
  const auto due = run(schedule, 500ms, 501ms, 100us);
  CHECK(schedule.skipped() == 19);
  // The newest that was due before the end stays.
  REQUIRE_FALSE(due.empty());
  CHECK(due.front() < 20ms);
}

TEST_CASE("the messages of a burst are due together, and bursts keep the rate", "[schedule]") {
  // 100 a millisecond: a burst of 20 every 200 us.
  Schedule schedule(ScheduleKind::periodic, 100'000, 64, 1, Elapsed::max(), 20);
  std::size_t largest = 0;
  const auto due = run(schedule, 0ns, 100ms, 10us, &largest);
  CHECK(largest == 20);
  CHECK(due.size() == 100 * 100);
  CHECK(due.front() < 10us);
  for (std::size_t i = 1; i < due.size(); ++i) {
    const auto distance = due[i] - due[i - 1];
    if (i % 20 != 0) {
      REQUIRE(distance == 0ns);
    } else {
      REQUIRE(std::abs((distance - 200us).count()) <= 1);
    }
  }
  CHECK(schedule.skipped() == 0);
}

TEST_CASE("a burst longer than a batch leaves in turns that follow at once", "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 1000, 64, 1, Elapsed::max(), 1000);
  CHECK(schedule.largest_turn() == 64);
  std::size_t left = 0;
  for (int i = 0; i < 20; ++i) {
    const auto turn = schedule.turn(1ms);
    CHECK_FALSE(schedule.catching_up());
    for (std::size_t k = 0; k < turn.messages; ++k, ++left) CHECK(schedule.take(1ms) < 1ms);
  }
  CHECK(left == 1000);
  CHECK(schedule.turn(1ms).next >= 1s);
}

TEST_CASE("bursts that are too old are skipped whole, and the rest of one that has begun",
          "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 100'000, 64, 1, Elapsed::max(), 100);
  REQUIRE(schedule.turn(10us).messages == 64);
  for (int i = 0; i < 64; ++i) schedule.take(10us);
  // Due by then: that burst and 50 others, of which those of the last millisecond stay.
  const auto turn = schedule.turn(50ms + 500us);
  CHECK(turn.messages == 64);
  CHECK(schedule.skipped() == 36 + 49 * 100);
  CHECK(schedule.next_due(50ms) >= 49ms);
}

TEST_CASE("short bursts at a high rate leave several at a time", "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 1e6, 1, 1, Elapsed::max(), 10);
  std::size_t largest = 0;
  const auto due = run(schedule, 0ns, 20ms, 50us, &largest);
  CHECK(largest > 10);
  CHECK(largest <= 100);
  CHECK(schedule.skipped() == 0);
  CHECK(due.size() > 19'000);
}

TEST_CASE("what the end leaves of a burst is counted as skipped", "[schedule]") {
  Schedule schedule(ScheduleKind::periodic, 1000, 4, 1, 20ms, 10);
  REQUIRE(schedule.turn(1ms).messages == 4);
  for (int i = 0; i < 4; ++i) schedule.take(1ms);
  CHECK(schedule.give_up() == 16);
  CHECK(schedule.exhausted());
}
