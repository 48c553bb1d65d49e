#include "measure/stream.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using test::Stream;

TEST_CASE("delay is told to the reading and to the arrival", "[delay]") {
  Stream stream;
  stream.read({0, 1, 2});
  CHECK(stream.get<Delay>().to_read().max() == 3ms);
  CHECK(stream.get<Delay>().to_arrival().max() == 2ms);
  CHECK(stream.get<Delay>().to_read().count() == 3);
}

TEST_CASE("only the first copy of a message has a delay", "[delay]") {
  Stream stream(0, 64);
  stream.read({0, 1, 1, 200, 0});
  CHECK(stream.get<Delay>().to_read().count() == 3);
}

TEST_CASE("a sender that stalls can't hide the delay that it causes", "[delay]") {
  // 100 a second for 10 s, served in 1 ms each but for one stall of 1 s. Who stamps the actual send
  // (closed loop) leaves out those that were due meanwhile; else they wait for each other, too.
  Delay closed, open;
  const auto observe = [](Delay& delay, std::chrono::nanoseconds waited) {
    delay.observe({.read_at = WallTime{waited}}, {});
  };
  for (int n = 0; n < 900; ++n) observe(closed, n == 0 ? 1001ms : 1ms);
  for (int n = 0; n < 1000; ++n) observe(open, n < 112 ? 1001ms - n * 9ms : 1ms);
  const auto in_ms = [](std::optional<std::chrono::nanoseconds> time) {
    return std::chrono::duration<double, std::milli>(time.value()).count();
  };
  CHECK(in_ms(closed.to_read().percentile(0.99)) == Approx(1).epsilon(0.01));
  CHECK(in_ms(open.to_read().percentile(0.9)) == Approx(101).epsilon(0.01));
  CHECK(in_ms(open.to_read().percentile(0.99)) == Approx(911).epsilon(0.01));
}

TEST_CASE("delays of trials add up when merged", "[delay]") {
  Stream first;
  Stream second;
  first.read({0, 1});
  second.read({0, 1, 2});
  Delay both = first.get<Delay>();
  both.merge(second.get<Delay>());
  CHECK(both.to_read().count() == 5);
  CHECK(both.to_arrival().count() == 5);
}

/// One arrival for each, read after that time and arrived 1 us before.
Delay delay_of(std::initializer_list<std::chrono::nanoseconds> delays) {
  Delay result;
  for (const auto delay : delays) {
    result.observe({.arrived = WallTime{delay - 1us}, .read_at = WallTime{delay}}, {});
  }
  return result;
}

TEST_CASE("shifted delays read as if they had been observed so", "[delay]") {
  const auto by = GENERATE(-3600s, -1s, 0s, 1s, 3600s);
  const Delay shifted = delay_of({10us, 20us, 30us, 40us, 90us}).shifted(by);
  CHECK(shifted.to_read().count() == 5);
  CHECK(shifted.to_read().min() == 10us + by);
  CHECK(shifted.to_read().max() == 90us + by);
  CHECK(shifted.to_arrival().max() == 89us + by);
  CHECK(shifted.to_read().negative_count() == (by < 0s ? 5 : 0));
}

TEST_CASE("delays that were negative come back when shifted", "[delay]") {
  const Delay observed = delay_of({-50us, -40us, -30us, 10us, 70us});
  REQUIRE(observed.to_read().negative_count() == 3);
  const Delay shifted = observed.shifted(100us);
  CHECK(shifted.to_read().negative_count() == 0);
  CHECK(shifted.to_read().min() == 50us);
  CHECK(shifted.to_read().max() == 170us);
  // Off by 1 % of 40 us and of 60 us at most.
  const auto second = shifted.to_read().percentile(0.4);
  REQUIRE(second.has_value());
  CHECK(std::chrono::abs(*second - 60us) <= 1us);
  CHECK(shifted.shifted(-100us).to_read().negative_count() == 3);
}

TEST_CASE("merged delays are shifted with all that either observed", "[delay]") {
  Delay both = delay_of({-50us, 20us});
  both.merge(delay_of({-90us, 30us}));
  const Delay shifted = both.shifted(100us);
  CHECK(shifted.to_read().count() == 4);
  CHECK(shifted.to_read().negative_count() == 0);
  CHECK(shifted.to_read().min() == 10us);
  CHECK(shifted.to_read().max() == 130us);
}

TEST_CASE("delay describes its percentiles in seconds", "[delay]") {
  Stream stream;
  stream.read({0, 1});
  Report report;
  stream.get<Delay>().describe(report);
  REQUIRE(report.rows().size() == 6);
  for (const Row& row : report.rows()) CHECK(row.unit == "s");
  CHECK(*report.find("delay_seconds.p50") == Value{0.003});
  CHECK(*report.find("delay_seconds.p99") == Value{0.003});
  CHECK(*report.find("delay_seconds.max") == Value{0.003});
  CHECK(*report.find("arrival_delay_seconds.max") == Value{0.002});
}

TEST_CASE("delay is absent where nothing arrived", "[delay]") {
  Report report;
  Delay{}.describe(report);
  REQUIRE(report.rows().size() == 6);
  for (const Row& row : report.rows()) CHECK(row.value == Value{Absent{}});
}

}  // namespace
}  // namespace netduel
