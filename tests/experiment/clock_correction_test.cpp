#include "experiment/clock_correction.hpp"

#include <nlohmann/json.hpp>

#include "experiment/test_records.hpp"
#include "experiment/test_warnings.hpp"
#include "measure/two_clocks.hpp"
#include "session/two_ends.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace test;
using Json = nlohmann::json;

constexpr auto forward = TestDirection::forward;
constexpr auto reverse = TestDirection::reverse;
constexpr nanoseconds true_delay = 40us;

/// A message each 10 ms, its delay metered as the receiving end does it: by an assumed offset. In
/// the kernel it takes `arrival` of the delay.
ReceiverReport metered(const Clocks& clocks, bool far_receives, nanoseconds assumed,
                       nanoseconds delay = true_delay, nanoseconds arrival = true_delay) {
  ReceiverReport report = receiver_report(Transport::tcp);
  report.meter = {};
  SequenceWindow window;
  std::uint64_t number = 0;
  for (nanoseconds at = 0ns; at < trial_time; at += 10ms, ++number) {
    const WallTime sent = start + at;
    const auto received = [&](nanoseconds after) {
      return far_receives ? clocks.far(sent + after) : clocks.near(sent + after);
    };
    report.meter.observe(
        {.sequence = number,
         .octets = length,
         .sent = far_receives ? clocks.near(sent) + assumed : clocks.far(sent) - assumed,
         .arrived = received(arrival),
         .read_at = received(delay)},
        window.place(number));
  }
  report.meter.finish(number);
  report.stream_messages = number;
  report.counts.unique = number;
  report.counts.next_expected = number;
  return report;
}

ClockRecord compared(const Clocks& clocks, const Ways& ways) {
  const auto exchanges = around_a_trial(clocks, [&](nanoseconds) { return ways; });
  const auto first = estimate_clock_offset({exchanges.data(), 8}).value();
  return {.assumed = {.offset = first.offset}, .known = estimate_clock_offset(exchanges).value()};
}

/// Between hosts with these clocks. Exchanges leave 13 us open unless told otherwise.
TestRecord between(const Clocks& clocks, TestDirection direction,
                   const Ways& ways = {10us, 14us, 1us}, nanoseconds delay = true_delay,
                   nanoseconds arrival = true_delay) {
  TestRecord record = finished_with_netduel(Transport::udp, direction);
  record.clock = compared(clocks, ways);
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const bool sends = record.streams[i].sends;
    auto& receiver = sends ? record.theirs->netduel[i].receiver : record.streams[i].receiver;
    receiver = metered(clocks, sends, record.clock->assumed.offset, delay, arrival);
    auto& sender = sends ? record.streams[i].sender : record.theirs->netduel[i].sender;
    sender->counts = {.offered = receiver->counts.unique, .sent = receiver->counts.unique};
  }
  return record;
}

Json additions(const TestRecord& record) {
  return document(record)["netduel"];
}

bool warns(const Json& ours, const std::string& id) {
  for (const Json& warning : ours["warnings"]) {
    if (warning["id"] == id) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("delays between hosts are right within their bound", "[clock_correction]") {
  const nanoseconds offset = GENERATE(nanoseconds{3h}, nanoseconds{-5ms}, 0ns);
  const double skew = GENERATE(0.0, 2e-6, -2e-6);
  const TestDirection direction = GENERATE(forward, reverse, TestDirection::both);
  CAPTURE(offset.count(), skew, direction);
  const TestRecord record = between({.offset = offset, .skew = skew}, direction);
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const auto delays = delays_of(record, i);
    REQUIRE(delays);
    REQUIRE(delays->bound);
    // Half a round trip, and half of what 2 ppm are in 10 s.
    CHECK(*delays->bound < 24us);
    CHECK(std::chrono::abs(*delays->delay.to_read().min() - true_delay) <= *delays->bound);
    CHECK(std::chrono::abs(*delays->delay.to_read().max() - true_delay) <= *delays->bound);
  }
  const Json ours = additions(record);
  for (const char* const name : {"delay_seconds", "arrival_delay_seconds"}) {
    CHECK(ours[name]["p50"].get<double>() == Approx(40e-6).margin(24e-6));
    CHECK(ours["streams"][0][name]["max"].get<double>() == Approx(40e-6).margin(24e-6));
  }
  CHECK(ours["delay_bound_seconds"].get<double>() < 24e-6);
  CHECK(ours["warnings"] == Json::array());
}

TEST_CASE("the clocks' comparison is told", "[clock_correction]") {
  const Json clock = additions(between({.offset = -5ms, .skew = 20e-6}, forward))["clock"];
  // In the middle of the test.
  CHECK(clock["offset_seconds"].get<double>() == Approx(-4.9e-3).margin(15e-6));
  CHECK(clock["bound_seconds"].get<double>() < 15e-6);
  CHECK(clock["skew"].get<double>() == Approx(20e-6).margin(3e-6));
  CHECK(clock["stepped"] == false);
  CHECK(clock["minimum_round_trip_seconds"].get<double>() == Approx(24e-6).margin(1e-6));
  CHECK(clock["exchanges"] == 116);
  CHECK(clock["same_host"] == false);
}

TEST_CASE("no delay is told when a clock was set meanwhile", "[clock_correction]") {
  const bool near = GENERATE(true, false);
  Clocks clocks{.offset = 3h, .set_at = start + 5s};
  (near ? clocks.near_step : clocks.far_step) = 500ms;
  const Json ours = additions(between(clocks, GENERATE(forward, reverse)));
  CHECK(ours["delay_seconds"].is_null());
  CHECK(ours["arrival_delay_seconds"].is_null());
  CHECK(ours["delay_bound_seconds"].is_null());
  CHECK(ours["streams"][0]["delay_seconds"].is_null());
  CHECK(ours["clock"]["stepped"] == true);
  CHECK(ours["clock"]["bound_seconds"].is_null());
  CHECK(warns(ours, "clock_stepped"));
  CHECK_FALSE(warns(ours, "clocks_not_comparable"));
}

TEST_CASE("a delay that its bound exceeds is not told, and the reason is", "[clock_correction]") {
  // Exchanges went through a queue each way.
  const TestRecord record = between({.offset = 3h}, GENERATE(forward, reverse), {1ms, 1ms, 1us});
  const Json ours = additions(record);
  CHECK(ours["delay_seconds"].is_null());
  CHECK(ours["arrival_delay_seconds"].is_null());
  CHECK(ours["delay_bound_seconds"].get<double>() == Approx(1e-3).epsilon(0.01));
  CHECK(ours["pdv_seconds"]["p50"].is_number());
  const auto warnings = warnings_of(record);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "clocks_not_comparable");
  CHECK_THAT(warnings[0].text, Catch::Contains("1.00 ms only") &&
                                   Catch::Contains("round trip (2 ms)") && Catch::Contains("40"));
}

TEST_CASE("clocks that drift apart are named as the reason", "[clock_correction]") {
  const auto warnings = warnings_of(between({.skew = 100e-6}, forward));
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].id == "clocks_not_comparable");
  CHECK_THAT(warnings[0].text, Catch::Contains("drifted") && Catch::Contains("-t"));
}

TEST_CASE("each of the two delays is held against the bound by itself", "[clock_correction]") {
  const Json ours = additions(between({}, forward, {1ms, 1ms, 1us}, 20ms, 40us));
  CHECK(ours["delay_seconds"]["p50"].get<double>() == Approx(20e-3).epsilon(0.02));
  CHECK(ours["arrival_delay_seconds"].is_null());
  CHECK(warns(ours, "clocks_not_comparable"));
}

TEST_CASE("delays of several streams have the bound of the worst", "[clock_correction]") {
  ComparedDelay all;
  all.merge({.delay = {}, .bound = 10us});
  all.merge({.delay = {}, .bound = 30us});
  CHECK(all.bound == nanoseconds{30us});
  all.merge({.delay = {}, .bound = {}});
  all.merge({.delay = {}, .bound = 10us});
  CHECK_FALSE(all.bound);
}

TEST_CASE("a server isn't told of offsets and says nothing of them", "[clock_correction]") {
  TestRecord record = between({.offset = 3h}, forward);
  record.role = Role::server;
  record.clock.reset();
  const Json ours = additions(record);
  CHECK(ours["clock"].is_null());
  CHECK(ours["delay_seconds"].is_null());
  CHECK(ours["delay_bound_seconds"].is_null());
  CHECK(ours["warnings"] == Json::array());
}

TEST_CASE("exchanges that nobody answered are told of", "[clock_correction]") {
  TestRecord record = between({}, forward);
  record.clock.reset();
  CHECK(warns(additions(record), "clocks_not_compared"));
  CHECK(additions(record)["clock"].is_null());
  // Nothing was measured that it could be about.
  record.theirs.reset();
  CHECK_FALSE(warns(additions(record), "clocks_not_compared"));
  // Nor does a stock server know of such datagrams.
  CHECK(warnings_of(finished(Transport::udp, reverse)).empty());
}

TEST_CASE("both ends in one host have one clock unless exchanges deny it", "[clock_correction]") {
  TestRecord record = between({}, forward);
  record.remote = Endpoint::loopback(IpVersion::v4, 5201);
  record.clock->assumed.offset = 0ns;
  CHECK(one_clock(record));
  CHECK(delays_of(record, 0)->bound == 0ns);
  CHECK(additions(record)["clock"]["same_host"] == true);
  // One clock that was set spoils no more than what was on its way.
  record.clock->known.stepped = true;
  CHECK(additions(record)["delay_seconds"]["p50"].is_number());
  CHECK(warns(additions(record), "clock_stepped"));
  record.clock->assumed.offset = 3h;
  CHECK_FALSE(one_clock(record));
}

TEST_CASE("times that a peer made up do no harm", "[clock_correction]") {
  TestRecord record = between({.offset = 3h}, forward);
  Throughput made_up;
  made_up.observe({.octets = 1,
                   .sent = WallTime{nanoseconds{-(std::int64_t{1} << 60)}},
                   .arrived = WallTime{nanoseconds{(std::int64_t{1} << 62) - 1}},
                   .read_at = WallTime{nanoseconds{(std::int64_t{1} << 62) - 1}}},
                  {});
  auto& receiver = *record.theirs->netduel[0].receiver;
  receiver.meter = {};
  receiver.meter.observe({.sequence = 0,
                          .octets = 1,
                          .sent = *made_up.first_sent(),
                          .arrived = *made_up.first_sent(),
                          .read_at = *made_up.first_sent()},
                         {});
  CHECK(delays_of(record, 0));
  CHECK(additions(record)["delay_seconds"].is_null());
}

TEST_CASE("two ends with clocks apart tell their delay on one host",
          "[clock_correction][clock][threads]") {
  const auto error = GENERATE(nanoseconds{3h}, nanoseconds{-5ms}, 0ns);
  const TestDirection direction = GENERATE(forward, reverse);
  CAPTURE(error.count(), direction);
  ServerSpec server_spec;
  server_spec.clock_error = [error] { return error; };
  testing::RunningServer server(server_spec);
  ClientSpec spec = testing::short_test(server.at(), Transport::udp);
  spec.parameters.direction = direction;
  const TestRecord record = testing::run(spec);
  REQUIRE(record.clock);
  CHECK(one_clock(record) == (error == 0ns));
  const auto delays = delays_of(record, 0);
  REQUIRE(delays);
  REQUIRE(delays->bound);
  // A thread may wait its turn, but none waits hours, and none gets a message before it is sent.
  CHECK(*delays->delay.to_read().min() >= -*delays->bound);
  CHECK(*delays->delay.to_arrival().min() < 20ms);
  const Json ours = additions(record);
  CHECK(ours["clock"]["offset_seconds"].get<double>() ==
        Approx(std::chrono::duration<double>(error).count())
            .margin(ours["clock"]["bound_seconds"].get<double>()));
  // The server's own document knows of no offset, and its delays are by that of the client.
  CHECK(additions(server.ended())["clock"].is_null());
}

TEST_CASE("a clock that is set during a test hides its delays",
          "[clock_correction][clock][threads]") {
  const auto begin = std::chrono::steady_clock::now();
  ServerSpec server_spec;
  server_spec.clock_error = [begin]() -> nanoseconds {
    return std::chrono::steady_clock::now() - begin > 600ms ? 500ms : 5ms;
  };
  testing::RunningServer server(server_spec);
  ClientSpec spec = testing::short_test(server.at(), Transport::udp);
  spec.parameters.netduel->time = 1s;
  const Json ours = additions(testing::run(spec));
  CHECK(ours["delay_seconds"].is_null());
  CHECK(warns(ours, "clock_stepped"));
}

}  // namespace netduel
