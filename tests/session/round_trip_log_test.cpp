#include "session/round_trip_log.hpp"

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

const WallTime start{1'000'000s};

/// What the far end, whose clock is an hour ahead, holds for 1 ms of the time it takes.
ClockExchange answered_after(std::chrono::nanoseconds asked, std::chrono::nanoseconds took) {
  const WallTime received = start + asked + 1h;
  return {.asked = start + asked,
          .received = received,
          .answered = received + 1ms,
          .came_back = start + asked + took};
}

}  // namespace

TEST_CASE("a round trip leaves out what the far end held it, whatever its clock shows",
          "[round_trip]") {
  RoundTripLog log(start);
  log.ask(start + 20ms);
  log.answer(answered_after(20ms, 31ms));
  REQUIRE(log.round_trips().size() == 1);
  CHECK(log.round_trips()[0].asked == 20ms);
  CHECK(log.round_trips()[0].took == 30ms);
  CHECK(log.longest() == 30ms);
  CHECK(log.open() == 0);
}

TEST_CASE("a late answer counts as what it took, behind answers to later questions",
          "[round_trip]") {
  RoundTripLog log(start);
  for (const auto at : {0ms, 20ms, 40ms}) log.ask(start + at);
  log.answer(answered_after(40ms, 11ms));
  log.answer(answered_after(0ms, 501ms));
  CHECK(log.round_trips()[0].took == 500ms);
  CHECK_FALSE(log.round_trips()[1].took);
  CHECK(log.round_trips()[2].took == 10ms);
  CHECK(log.open() == 1);
}

TEST_CASE("a second answer, and one to what was never asked, change nothing", "[round_trip]") {
  RoundTripLog log(start);
  log.ask(start);
  log.answer(answered_after(0ms, 11ms));
  log.answer(answered_after(0ms, 91ms));
  log.answer(answered_after(7ms, 91ms));
  REQUIRE(log.round_trips().size() == 1);
  CHECK(log.round_trips()[0].took == 10ms);
}

TEST_CASE("a far end that lies about how long it held a question makes no round trip of its own",
          "[round_trip]") {
  RoundTripLog log(start);
  for (const auto at : {0ms, 20ms}) log.ask(start + at);
  ClockExchange never_received = answered_after(0ms, 11ms);
  never_received.received += std::chrono::hours(24 * 365 * 100);
  log.answer(never_received);
  ClockExchange held_for_long = answered_after(20ms, 11ms);
  held_for_long.answered += std::chrono::hours(24 * 365 * 100);
  log.answer(held_for_long);
  CHECK(log.round_trips()[0].took == 11ms);
  CHECK(log.round_trips()[1].took == 0ms);
  CHECK(log.longest() == 11ms);
}

TEST_CASE("of what was cut off only the unanswered end is forgotten", "[round_trip]") {
  RoundTripLog log(start);
  for (const auto at : {0ms, 20ms, 40ms, 60ms, 80ms}) log.ask(start + at);
  log.answer(answered_after(0ms, 11ms));
  log.answer(answered_after(40ms, 11ms));
  log.forget_unknown();
  REQUIRE(log.round_trips().size() == 3);
  CHECK_FALSE(log.round_trips()[1].took);
  CHECK(log.open() == 1);
  log.answer(answered_after(80ms, 11ms));
  CHECK(log.round_trips().size() == 3);
}
