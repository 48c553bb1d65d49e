#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "lab/lab_spec.hpp"
#include "lab/link.hpp"
#include "lab/packets.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

using Time = std::chrono::nanoseconds;
using Numbers = std::vector<std::uint64_t>;

/// A packet of 1500 octets takes 12 ms.
constexpr double one_megabit = 1e6;

Impairment bottleneck(double rate, std::optional<QueueLength> queue = std::nullopt) {
  Impairment impairment;
  impairment.bottleneck_bits_per_second = rate;
  impairment.queue = queue;
  return impairment;
}

constexpr QueueLength packets(std::uint64_t amount) {
  return {QueueLength::Unit::packets, amount};
}
constexpr QueueLength octets(std::uint64_t amount) {
  return {QueueLength::Unit::octets, amount};
}
constexpr QueueLength lasting(Time time) {
  return {QueueLength::Unit::time, static_cast<std::uint64_t>(time.count())};
}

/// How many of a burst of packets a queue takes.
std::uint64_t taken(const Impairment& impairment, std::uint64_t burst,
                    std::uint32_t ip_octets = 1500) {
  Link link = link_of(impairment);
  std::uint64_t count = 0;
  for (std::uint64_t number = 1; number <= burst; ++number) {
    const Entered entered = link.enter(packet(number, ip_octets), 0ms);
    if (!entered.dropped) {
      ++count;
      continue;
    }
    CHECK(entered.dropped == Dropped::queue);
  }
  CHECK(link.inside() == count);
  return count;
}

/// Which of a burst are marked.
Numbers marked(const Impairment& impairment, std::uint64_t burst) {
  Link link = link_of(impairment);
  for (std::uint64_t number = 1; number <= burst; ++number) {
    (void)link.enter(ecn_capable(packet(number)), 0ms);
  }
  Numbers result;
  for (const Leaving& one : drain(link)) {
    if (one.marked) result.push_back(one.packet.name.number);
  }
  return result;
}

LabSpec spec_with_change(Time at, const Impairment& first, const Impairment& then) {
  LabSpec spec = spec_of(first);
  spec.changes.push_back({at, Direction::a_to_b, then});
  return spec;
}

}  // namespace

TEST_CASE("a bottleneck lets through its rate", "[lab]") {
  for (const double rate : {1e6, 10e6, 100e6, 500e6, 777'777'777.0}) {
    for (const std::uint32_t ip_octets : {1500U, 576U, 1373U}) {
      constexpr Time time = 5s;
      Link link = link_of(bottleneck(rate, packets(10)));
      // A tenth more than fits.
      const double gap = 8e9 * ip_octets / rate / 1.1;
      double bits = 0;
      std::uint64_t number = 0;
      for (double at = 0; at < static_cast<double>(time.count()); at += gap) {
        const Time now(static_cast<std::int64_t>(at));
        (void)link.enter(packet(++number, ip_octets), now);
        for (const Leaving& one : link.advance(now)) bits += 8.0 * one.packet.ip_octets;
      }
      for (const Leaving& one : link.advance(time)) bits += 8.0 * one.packet.ip_octets;
      INFO(rate << " bit/s in packets of " << ip_octets);
      // Up to one packet is still being sent at the end.
      CHECK(bits <= 5 * rate + 1);
      CHECK(bits >= 5 * rate - 8.0 * ip_octets - 1e-3 * rate);
      CHECK(bits == Approx(5 * rate).epsilon(0.001).margin(8.0 * ip_octets));
    }
  }
}

TEST_CASE("times at a bottleneck do not drift, however late its owner looks", "[lab]") {
  // 1500 octets take 4000/3 ns at 9 Gbit/s: no whole number.
  Link link = link_of(bottleneck(9e9, packets(30'001)));
  for (std::uint64_t number = 1; number <= 30'000; ++number) (void)link.enter(packet(number), 0ms);
  const auto left = link.advance(1s);
  REQUIRE(left.size() == 30'000);
  for (std::size_t i = 0; i < left.size(); i += 997) {
    const double exact = static_cast<double>(i + 1) * 4000 / 3;
    CHECK(static_cast<double>(left[i].due.count()) == Approx(exact).margin(1.01).epsilon(0));
  }
  CHECK(left.back().due == 40ms);
}

TEST_CASE("a packet takes its octets at the rate, then the delay", "[lab]") {
  Impairment impairment = bottleneck(one_megabit);
  impairment.delay = 100ms;
  Link link = link_of(impairment);
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2, 750), 1ms);
  const auto left = drain(link);
  REQUIRE(left.size() == 2);
  CHECK(left[0].due == 112ms);
  CHECK(left[1].due == 118ms);
}

TEST_CASE("a transmitter that was idle begins with the next packet", "[lab]") {
  Link link = link_of(bottleneck(one_megabit));
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2), 50ms);
  const auto left = drain(link);
  REQUIRE(left.size() == 2);
  CHECK(left[0].due == 12ms);
  CHECK(left[1].due == 62ms);
}

TEST_CASE("a queue has room for its packets, octets or time", "[lab]") {
  CHECK(taken(bottleneck(one_megabit, packets(7)), 20) == 7);
  CHECK(taken(bottleneck(one_megabit, octets(6000)), 20) == 4);
  CHECK(taken(bottleneck(one_megabit, octets(5999)), 20) == 3);
  CHECK(taken(bottleneck(one_megabit, lasting(60ms)), 20) == 5);
  CHECK(taken(bottleneck(one_megabit, lasting(59ms)), 20) == 4);
}

TEST_CASE("an empty queue always takes one packet", "[lab]") {
  CHECK(taken(bottleneck(one_megabit, octets(1)), 5) == 1);
  CHECK(taken(bottleneck(one_megabit, lasting(1ns)), 5) == 1);
}

TEST_CASE("a queue is 50 ms by default, and not below 16 packets", "[lab]") {
  CHECK(taken(bottleneck(100e6), 1000) == 416);
  CHECK(taken(bottleneck(one_megabit), 1000) == 16);
}

TEST_CASE("the queue's length includes the packet that is being sent", "[lab]") {
  Link link = link_of(bottleneck(one_megabit));
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2, 100), 0ms);
  CHECK(link.queue().packets == 2);
  CHECK(link.queue().octets == 1600);
  (void)link.advance(12ms);
  CHECK(link.queue().packets == 1);
  CHECK(link.queue().octets == 100);
  (void)link.advance(1s);
  CHECK(link.queue().packets == 0);
  CHECK(link.queue().octets == 0);
}

TEST_CASE("a packet that comes to a bottleneck waits for all that is there, to the moment",
          "[lab]") {
  Link link = link_of(bottleneck(one_megabit));
  CHECK(link.queueing_time(0ms) == 0ms);
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2), 0ms);
  CHECK(link.queueing_time(0ms) == 24ms);
  CHECK(link.queueing_time(5ms) == 19ms);
  // Whether anybody has taken out what is sent by now or not.
  CHECK(link.queueing_time(20ms) == 4ms);
  (void)link.advance(20ms);
  CHECK(link.queueing_time(20ms) == 4ms);
  CHECK(link.queueing_time(30ms) == 0ms);
}

TEST_CASE("room that has become free is there for a packet of the same moment", "[lab]") {
  Link link = link_of(bottleneck(one_megabit, packets(2)));
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2), 0ms);
  CHECK(link.enter(packet(3), 12ms - 1ns).dropped == Dropped::queue);
  CHECK_FALSE(link.enter(packet(4), 12ms).dropped);
}

TEST_CASE("what finds the queue at its threshold is marked", "[lab]") {
  const Numbers from_fourth = {4, 5, 6};
  Impairment impairment = bottleneck(one_megabit, packets(6));
  impairment.mark = packets(3);
  CHECK(marked(impairment, 10) == from_fourth);
  impairment.mark = octets(4500);
  CHECK(marked(impairment, 10) == from_fourth);
  impairment.mark = octets(4501);
  CHECK(marked(impairment, 10) == Numbers{5, 6});
  impairment.mark = lasting(36ms);
  CHECK(marked(impairment, 10) == from_fourth);
  impairment.mark = lasting(36ms + 20us);
  CHECK(marked(impairment, 10) == Numbers{5, 6});
}

TEST_CASE("what is not capable of ECN is never marked", "[lab]") {
  Impairment impairment = bottleneck(one_megabit);
  impairment.mark = packets(1);
  Link link = link_of(impairment);
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2), 0ms);
  (void)link.enter(ecn_capable(packet(3)), 0ms);
  const auto left = drain(link);
  REQUIRE(left.size() == 3);
  CHECK_FALSE(left[1].marked);
  CHECK(left[2].marked);
}

TEST_CASE("a rate that changes midway holds for the octets that are left", "[lab]") {
  Link link(spec_with_change(6ms, bottleneck(one_megabit), bottleneck(10 * one_megabit)),
            Direction::a_to_b);
  link.restart_script(0ms);
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2), 0ms);
  const auto left = drain(link);
  REQUIRE(left.size() == 2);
  // Half at 1 Mbit/s, half at 10.
  CHECK(left[0].due == 6600us);
  CHECK(left[1].due == 7800us);
}

TEST_CASE("without a bottleneck any more all that waits leaves at once, in order", "[lab]") {
  Link link(spec_with_change(13ms, bottleneck(one_megabit), {}), Direction::a_to_b);
  link.restart_script(0ms);
  for (std::uint64_t number = 1; number <= 4; ++number) (void)link.enter(packet(number), 0ms);
  (void)link.enter(packet(5), 20ms);
  const auto left = drain(link);
  REQUIRE(numbers(left) == Numbers{1, 2, 3, 4, 5});
  CHECK(left[0].due == 12ms);
  for (std::size_t i = 1; i < 4; ++i) CHECK(left[i].due == 13ms);
  CHECK(left[4].due == 20ms);
  CHECK(link.queue().packets == 0);
}

TEST_CASE("a queue drains though the link went down", "[lab]") {
  Impairment broken = bottleneck(one_megabit);
  broken.down = true;
  Link link(spec_with_change(1ms, bottleneck(one_megabit), broken), Direction::a_to_b);
  link.restart_script(0ms);
  (void)link.enter(packet(1), 0ms);
  (void)link.enter(packet(2), 0ms);
  CHECK(link.enter(packet(3), 2ms).dropped == Dropped::down);
  const auto left = drain(link);
  REQUIRE(numbers(left) == Numbers{1, 2});
  CHECK(left[1].due == 24ms);
}

TEST_CASE("a full queue drops the copy of a packet, and the owner hears of it later", "[lab]") {
  Impairment impairment = bottleneck(one_megabit, packets(1));
  impairment.duplicate = 1;
  Link link = link_of(impairment);
  CHECK_FALSE(link.enter(packet(1), 0ms).dropped);
  const auto drops = link.take_late_drops();
  REQUIRE(drops.size() == 1);
  CHECK(drops[0].copy);
  CHECK(drops[0].packet.name.number == 1);
  CHECK(link.take_late_drops().empty());
  const auto left = drain(link);
  REQUIRE(left.size() == 1);
  // It is the only one that left, so no copy of another.
  CHECK_FALSE(left[0].copy);
}

TEST_CASE("a held packet that finds no room is told of later", "[lab]") {
  Impairment impairment = bottleneck(one_megabit, packets(1));
  impairment.reorder = 1;
  Link link = link_of(impairment);
  CHECK_FALSE(link.enter(packet(1), 1ms).dropped);
  CHECK_FALSE(link.enter(packet(2), 2ms).dropped);
  const auto left = drain(link);
  CHECK(numbers(left) == Numbers{1});
  const auto drops = link.take_late_drops();
  REQUIRE(drops.size() == 1);
  CHECK(drops[0].packet.name.number == 2);
  CHECK(drops[0].entered == 2ms);
  CHECK_FALSE(drops[0].copy);
  CHECK(link.inside() == 0);
}

TEST_CASE("a path knows its lowest rate, its round trip and how long a queue can be", "[lab]") {
  Impairment first = bottleneck(4e6, lasting(80ms));
  first.delay = 20ms;
  first.jitter = 5ms;
  Impairment then = bottleneck(10e6, lasting(10ms));
  then.delay = 30ms;
  LabSpec spec = spec_with_change(1s, first, then);
  spec.b_to_a.delay = 7ms;
  CHECK(spec.bottleneck_bits_per_second(Direction::a_to_b) == 4e6);
  CHECK_FALSE(spec.bottleneck_bits_per_second(Direction::b_to_a));
  CHECK(spec.round_trip() == 37ms);
  CHECK(spec.longest_queueing() == 85ms);
  CHECK(spec.needs_single_packets(Direction::a_to_b));
  CHECK_FALSE(spec.needs_single_packets(Direction::b_to_a));
}

TEST_CASE("no packet waits longer than a path says, whatever happens to its rate", "[lab]") {
  const auto longest = [](const LabSpec& spec) {
    Link link(spec, Direction::a_to_b);
    link.restart_script(0ms);
    std::uint64_t number = 0;
    std::vector<Leaving> left;
    for (Time now{}; now < 3s; now += 1ms) {
      for (int i = 0; i < 3; ++i) {
        (void)link.enter(packet(++number, static_cast<std::uint32_t>(spec.mtu_octets)), now);
      }
      append(left, link.advance(now));
    }
    append(left, drain(link));
    Time wait{};
    for (const Leaving& one : left) wait = std::max(wait, one.due - one.entered);
    return wait;
  };
  const Impairment fast = bottleneck(10e6);
  const Impairment slow = bottleneck(500e3);
  LabSpec slower = spec_with_change(1s, fast, slow);
  LabSpec faster = spec_with_change(1s, slow, fast);
  LabSpec opened = spec_with_change(1s, fast, {});
  opened.changes.push_back({2s, Direction::a_to_b, slow});
  LabSpec jumbo = spec_of(bottleneck(10e6, packets(20)));
  jumbo.mtu_octets = 9000;
  LabSpec narrow = spec_of(bottleneck(100e3, octets(100)));
  for (const LabSpec& spec : {slower, faster, opened, jumbo, narrow}) {
    const Time waited = longest(spec);
    INFO(waited.count() << " ns of " << spec.longest_queueing().count());
    CHECK(waited <= spec.longest_queueing());
    CHECK(waited > spec.longest_queueing() * 9 / 10);
  }
}

TEST_CASE("only what treats packets one by one needs them one by one", "[lab]") {
  Impairment whole;
  whole.down = true;
  whole.delay = 50ms;
  CHECK_FALSE(whole.needs_single_packets());
  const auto needs = [](auto change) {
    Impairment one;
    change(one);
    return one.needs_single_packets();
  };
  CHECK(needs([](Impairment& one) { one.loss = IndependentLoss{0.1}; }));
  CHECK(needs([](Impairment& one) { one.loss = GilbertElliottLoss{}; }));
  CHECK(needs([](Impairment& one) { one.loss = ScriptedLoss{{{1, 1}}}; }));
  CHECK(needs([](Impairment& one) { one.duplicate = 0.1; }));
  CHECK(needs([](Impairment& one) { one.reorder = 0.1; }));
  CHECK(needs([](Impairment& one) { one.corrupt = 0.1; }));
  CHECK(needs([](Impairment& one) { one.corrupt_swap = 0.1; }));
  CHECK(needs([](Impairment& one) { one.bottleneck_bits_per_second = 1e6; }));
  CHECK(needs([](Impairment& one) { one.jitter = 1ms; }));
}
