#include "lab/link.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include "support/catch.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

LabSpec spec_of(const Impairment& up) {
  LabSpec spec;
  spec.a_to_b = up;
  spec.seed = 11;
  return spec;
}

LinkPacket packet(std::uint64_t number, std::uint32_t octets = 1000) {
  LinkPacket packet;
  packet.name = {0, number};
  packet.ip_octets = octets;
  return packet;
}

std::vector<std::uint64_t> numbers(const std::vector<Leaving>& leaving) {
  std::vector<std::uint64_t> numbers;
  for (const Leaving& one : leaving) numbers.push_back(one.packet.name.number);
  return numbers;
}

std::vector<bool> losses(const Impairment& impairment, std::uint64_t seed, std::size_t count) {
  Channel channel;
  std::vector<bool> lost;
  for (std::uint64_t n = 1; n <= count; ++n) {
    lost.push_back(fate_of(impairment, seed, Direction::a_to_b, {0, n}, channel).lost);
  }
  return lost;
}

}  // namespace

TEST_CASE("the same seed, flow and number have the same fate", "[lab]") {
  Impairment impairment;
  impairment.loss = IndependentLoss{0.1};
  CHECK(losses(impairment, 1, 1000) == losses(impairment, 1, 1000));
  CHECK(losses(impairment, 1, 1000) != losses(impairment, 2, 1000));
}

TEST_CASE("switching one impairment on moves no other", "[lab]") {
  Impairment one;
  one.loss = IndependentLoss{0.1};
  Impairment both = one;
  both.duplicate = 0.5;
  both.corrupt = 0.5;
  CHECK(losses(one, 1, 1000) == losses(both, 1, 1000));
}

TEST_CASE("independent loss is as frequent as was asked for", "[lab]") {
  constexpr double count = 1e6;
  for (const double ratio : {0.001, 0.02, 0.3}) {
    Impairment impairment;
    impairment.loss = IndependentLoss{ratio};
    double lost = 0;
    for (const bool one : losses(impairment, 5, static_cast<std::size_t>(count))) lost += one;
    const double deviation = std::sqrt(count * ratio * (1 - ratio));
    INFO("ratio " << ratio);
    CHECK(std::abs(lost - count * ratio) < 4 * deviation);
  }
}

TEST_CASE("bursts of a Gilbert-Elliott channel are as long as was asked for", "[lab]") {
  Impairment impairment;
  impairment.loss = GilbertElliottLoss{.good_to_bad = 0.01, .bad_to_good = 0.2};
  double lost = 0, bursts = 0;
  bool before = false;
  for (const bool one : losses(impairment, 3, 1'000'000)) {
    lost += one;
    bursts += one && !before;
    before = one;
  }
  CHECK(lost / bursts == Approx(5).epsilon(0.05));
}

TEST_CASE("a script loses just the packets that it names", "[lab]") {
  Impairment impairment;
  impairment.loss = ScriptedLoss{{{2, 2}, {4, 5}}};
  CHECK(losses(impairment, 1, 6) == std::vector<bool>{false, true, false, true, true, false});
}

TEST_CASE("a bottleneck keeps its rate exactly", "[lab]") {
  for (const double rate : {1e6, 10e6, 100e6, 500e6}) {
    Impairment impairment;
    impairment.bottleneck_bits_per_second = rate;
    Link link(spec_of(impairment), Direction::a_to_b);
    // Twice as much as fits, for 5 seconds.
    const double interval = 8000 / rate / 2 * 1e9;
    double octets = 0;
    for (std::uint64_t n = 1; static_cast<double>(n) * interval < 5e9; ++n) {
      const std::chrono::nanoseconds now(std::llround(static_cast<double>(n) * interval));
      link.enter(packet(n), now);
      for (const Leaving& one : link.advance(now)) octets += one.packet.ip_octets;
    }
    INFO("rate " << rate);
    CHECK(8 * octets / 5 == Approx(rate).epsilon(0.002));
  }
}

TEST_CASE("a full queue drops what comes last", "[lab]") {
  for (const QueueLength queue :
       {QueueLength{QueueLength::Unit::packets, 3}, QueueLength{QueueLength::Unit::octets, 3000},
        QueueLength{QueueLength::Unit::time, 3'000'000}}) {
    Impairment impairment;
    impairment.bottleneck_bits_per_second = 8e6;  // a packet a millisecond
    impairment.queue = queue;
    Link link(spec_of(impairment), Direction::a_to_b);
    for (std::uint64_t n = 1; n <= 3; ++n) CHECK_FALSE(link.enter(packet(n), 0ms).dropped);
    CHECK(link.enter(packet(4), 0ms).dropped == Dropped::queue);
    CHECK(link.queue().packets == 3);
    CHECK(numbers(link.advance(10ms)) == std::vector<std::uint64_t>{1, 2, 3});
  }
}

TEST_CASE("only ECN-capable packets are marked, and only in a long queue", "[lab]") {
  Impairment impairment;
  impairment.bottleneck_bits_per_second = 8e6;
  impairment.mark = QueueLength{QueueLength::Unit::packets, 2};
  Link link(spec_of(impairment), Direction::a_to_b);
  for (std::uint64_t n = 1; n <= 4; ++n) {
    LinkPacket one = packet(n);
    one.ecn_capable = n != 3;
    link.enter(std::move(one), 0ms);
  }
  std::vector<bool> marked;
  for (const Leaving& one : link.advance(10ms)) marked.push_back(one.marked);
  CHECK(marked == std::vector<bool>{false, false, false, true});
}

TEST_CASE("a packet that is held back leaves behind the third after it", "[lab]") {
  Impairment impairment;
  impairment.reorder = 0.05;
  Link link(spec_of(impairment), Direction::a_to_b);
  Channel channel;
  std::uint64_t first = 1;
  while (!fate_of(impairment, 11, Direction::a_to_b, {0, first}, channel).held_back) ++first;
  for (std::uint64_t n = first; n <= first + 3; ++n) {
    REQUIRE((n == first) == link.enter(packet(n), 1ms * n).fate.held_back);
  }
  const auto leaving = link.advance(1ms * (first + 3));
  CHECK(numbers(leaving) == std::vector<std::uint64_t>{first + 1, first + 2, first + 3, first});
  CHECK(leaving.back().reordered);
  CHECK_FALSE(leaving.front().reordered);
}

TEST_CASE("a packet that nobody overtakes is not held back for ever", "[lab]") {
  Impairment impairment;
  impairment.reorder = 1;
  Link link(spec_of(impairment), Direction::a_to_b);
  link.enter(packet(1), 0ms);
  CHECK(link.advance(longest_hold - 1ns).empty());
  CHECK(link.next_event() == longest_hold);
  CHECK(numbers(link.advance(longest_hold)) == std::vector<std::uint64_t>{1});
}

TEST_CASE("a duplicate follows its packet and is known as the copy", "[lab]") {
  Impairment impairment;
  impairment.duplicate = 1;
  Link link(spec_of(impairment), Direction::a_to_b);
  link.enter(packet(1), 0ms);
  const auto leaving = link.advance(0ms);
  REQUIRE(leaving.size() == 2);
  CHECK_FALSE(leaving[0].copy);
  CHECK(leaving[1].copy);
  CHECK_FALSE(leaving[1].reordered);
}

TEST_CASE("jitter keeps the order unless it may not", "[lab]") {
  for (const bool reorders : {false, true}) {
    Impairment impairment;
    impairment.delay = 10ms;
    impairment.jitter = 10ms;
    impairment.jitter_reorders = reorders;
    Link link(spec_of(impairment), Direction::a_to_b);
    for (std::uint64_t n = 1; n <= 200; ++n) link.enter(packet(n), 1ms * n);
    std::size_t reordered = 0;
    for (const Leaving& one : link.advance(1s)) reordered += one.reordered;
    CHECK((reordered > 0) == reorders);
  }
}

TEST_CASE("a script changes the link, and begins again when told", "[lab]") {
  LabSpec spec = spec_of({});
  Impairment down;
  down.down = true;
  spec.changes = {{10ms, Direction::a_to_b, down}, {20ms, Direction::a_to_b, {}}};
  Link link(spec, Direction::a_to_b);
  for (const auto start : {100ms, 200ms}) {
    link.restart_script(start);
    CHECK_FALSE(link.enter(packet(1), start + 5ms).dropped);
    CHECK(link.enter(packet(2), start + 15ms).dropped == Dropped::down);
    CHECK_FALSE(link.enter(packet(3), start + 25ms).dropped);
  }
}

TEST_CASE("every packet leaves, is dropped, or is still inside", "[lab]") {
  Impairment impairment;
  impairment.loss = GilbertElliottLoss{.good_to_bad = 0.05, .bad_to_good = 0.3};
  impairment.duplicate = 0.1;
  impairment.reorder = 0.1;
  impairment.bottleneck_bits_per_second = 10e6;
  impairment.queue = QueueLength{QueueLength::Unit::packets, 10};
  impairment.delay = 5ms;
  impairment.jitter = 5ms;
  impairment.jitter_reorders = true;
  Link link(spec_of(impairment), Direction::a_to_b);
  std::uint64_t in = 0, copies = 0, out = 0, dropped = 0;
  for (std::uint64_t n = 1; n <= 20000; ++n) {
    const auto now = std::chrono::microseconds(700) * n;
    const Entered entered = link.enter(packet(n), now);
    ++in;
    copies += entered.fate.duplicated;
    dropped += entered.dropped.has_value();
    dropped += link.take_late_drops().size();
    out += link.advance(now).size();
    dropped += link.take_late_drops().size();
    REQUIRE(in + copies == out + dropped + link.inside());
  }
  CHECK(dropped > 0);
  CHECK(copies > 0);
}
