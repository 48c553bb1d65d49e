#include "measure/stream.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using test::Stream;

constexpr Placement in_order{Order::in_order, 0};

TEST_CASE("goodput is unique octets by the time from first sent to last read", "[throughput]") {
  // RFC 3148's definition: 100 MB of unique data in 0.9 s are 888.9 Mbit/s, whatever was sent
  // again.
  Throughput throughput;
  const WallTime start{};
  throughput.observe({.sequence = 0, .octets = 50'000'000, .sent = start, .read_at = start + 1ms},
                     in_order);
  throughput.observe(
      {.sequence = 1, .octets = 50'000'000, .sent = start + 10ms, .read_at = start + 900ms},
      in_order);
  CHECK(throughput.unique_octets() == 100'000'000);
  CHECK(throughput.duration() == 900ms);
  CHECK(throughput.goodput_bits_per_second() == Approx(888.9e6).epsilon(1e-4));
  CHECK(throughput.first_sent() == start);
  CHECK(throughput.first_read() == start + 1ms);
  CHECK(throughput.last_read() == start + 900ms);
}

TEST_CASE("duplicates and stale arrivals add neither octets nor time", "[throughput]") {
  Stream stream(0, 64);
  stream.read({0, 100, 101});
  const auto duration = stream.get<Throughput>().duration();
  stream.read({101, 1});
  CHECK(stream.get<Throughput>().unique_octets() == 3000);
  CHECK(stream.get<Throughput>().duration() == duration);
}

TEST_CASE("reordering does not move the start to a later message", "[throughput]") {
  Throughput throughput;
  const WallTime start{};
  throughput.observe({.sequence = 1, .octets = 1, .sent = start + 1ms, .read_at = start + 5ms},
                     {Order::gap, 1});
  throughput.observe({.sequence = 0, .octets = 1, .sent = start, .read_at = start + 6ms},
                     {Order::reordered, 2});
  CHECK(throughput.duration() == 6ms);
}

TEST_CASE("goodput is absent before the first message and where no time passed", "[throughput]") {
  Throughput throughput;
  CHECK_FALSE(throughput.goodput_bits_per_second().has_value());
  Report report;
  throughput.describe(report);
  CHECK(*report.find("delivered_octets") == Value{std::uint64_t{0}});
  CHECK(*report.find("duration_seconds") == Value{Absent{}});
  CHECK(*report.find("goodput_bits_per_second") == Value{Absent{}});

  throughput.observe({.sequence = 0, .octets = 1}, in_order);
  CHECK_FALSE(throughput.goodput_bits_per_second().has_value());
}

TEST_CASE("throughput describes its figures with their units", "[throughput]") {
  Stream stream;
  stream.read({0, 1});
  Report report;
  stream.get<Throughput>().describe(report);
  REQUIRE(report.rows().size() == 3);
  CHECK(report.rows()[0].unit == "octets");
  CHECK(report.rows()[1].unit == "s");
  CHECK(report.rows()[2].unit == "bit/s");
  CHECK(*report.find("duration_seconds") == Value{0.013});
}

TEST_CASE("clocks that disagree give no duration", "[throughput]") {
  Throughput throughput;
  throughput.observe({.octets = 1,
                      .sent = WallTime(std::chrono::seconds(5)),
                      .read_at = WallTime(std::chrono::seconds(1))},
                     {Order::in_order, 0});
  Report report;
  throughput.describe(report);
  CHECK(*report.find("duration_seconds") == Value{Absent{}});
  CHECK(*report.find("goodput_bits_per_second") == Value{Absent{}});
}

}  // namespace
}  // namespace netduel
