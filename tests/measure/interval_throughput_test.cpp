#include "netduel/measure/interval_throughput.hpp"

#include "support/catch.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

constexpr Placement in_order{};

Arrival at(std::chrono::nanoseconds time, std::uint32_t octets = 1000) {
  const WallTime read{time};
  return {.octets = octets, .sent = read, .arrived = read, .read_at = read};
}

TEST_CASE("each interval has what was read in it", "[throughput]") {
  IntervalThroughput throughput(100ms);
  for (const auto time : {1000ms, 1050ms, 1099ms, 1100ms, 1350ms}) {
    throughput.observe(at(time), in_order);
  }
  throughput.observe(at(1360ms), {Order::duplicate, 3});
  Report report;
  throughput.describe(report);
  CHECK(*report.find("intervals[0].start_seconds") == Value{0.0});
  CHECK(*report.find("intervals[0].seconds") == Value{0.1});
  CHECK(*report.find("intervals[0].messages") == Value{std::uint64_t{3}});
  CHECK(*report.find("intervals[0].goodput_bits_per_second") == Value{240e3});
  CHECK(*report.find("intervals[1].messages") == Value{std::uint64_t{1}});
  CHECK(*report.find("intervals[2].goodput_bits_per_second") == Value{0.0});
  // The last one is as long as there was something.
  CHECK(*report.find("intervals[3].seconds") == Value{0.05});
  CHECK(*report.find("intervals[3].goodput_bits_per_second") == Value{160e3});
  CHECK(report.find("intervals[4].messages") == nullptr);
}

TEST_CASE("100 000 packets of 1250 octets in a second are 1000.0 Mb/s of IP and 977.6 of payload",
          "[throughput]") {
  // RFC 9097, section 5.3, of one interval: headers of 28 octets are counted in, or not.
  const auto [octets, rate] = GENERATE(std::pair(1250U, 1000.0e6), std::pair(1222U, 977.6e6));
  IntervalThroughput throughput(1s);
  for (int n = 0; n < 100'000; ++n) throughput.observe(at(n * 10us, octets), in_order);
  throughput.observe(at(1s, octets), in_order);
  Report report;
  throughput.describe(report);
  CHECK(*report.find("intervals[0].goodput_bits_per_second") == Value{rate});
}

TEST_CASE("more intervals than are kept become longer, and lose nothing", "[throughput]") {
  IntervalThroughput throughput(100ms);
  constexpr int seconds = 100;
  for (int n = 0; n < seconds * 100; ++n) throughput.observe(at(n * 10ms), in_order);
  CHECK(throughput.length() == 800ms);
  CHECK(throughput.intervals().size() == 125);
  std::uint64_t messages = 0;
  for (const auto& one : throughput.intervals()) {
    CHECK(one.messages == 80);
    messages += one.messages;
  }
  CHECK(messages == seconds * 100);
  // A pause of any length.
  throughput.observe(at(24h), in_order);
  CHECK(throughput.intervals().size() <= IntervalThroughput::most_intervals);
  CHECK(throughput.intervals().back().messages == 1);
}

TEST_CASE("where nothing came there are no intervals", "[throughput]") {
  Report report;
  IntervalThroughput().describe(report);
  CHECK(*report.find("intervals") == Value{EmptyList{}});
  IntervalThroughput one;
  one.observe(at(1s), in_order);
  Report of_one;
  one.describe(of_one);
  CHECK(*of_one.find("intervals") == Value{EmptyList{}});
}

}  // namespace
}  // namespace netduel
