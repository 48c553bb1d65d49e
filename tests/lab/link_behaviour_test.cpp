#include "lab/link.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <unordered_map>

#include "lab/packets.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

using Time = std::chrono::nanoseconds;
using Numbers = std::vector<std::uint64_t>;

LabSpec spec_with_change(Time at, const Impairment& first, const Impairment& then) {
  LabSpec spec = spec_of(first);
  spec.changes.push_back({at, Direction::a_to_b, then});
  return spec;
}

Impairment down() {
  Impairment impairment;
  impairment.down = true;
  return impairment;
}

Impairment delayed(Time delay) {
  Impairment impairment;
  impairment.delay = delay;
  return impairment;
}

}  // namespace

TEST_CASE("without an impairment a packet leaves when it came", "[lab]") {
  Link link = link_of({});
  const auto content = std::make_shared<int>(5);
  for (std::uint64_t number = 1; number <= 3; ++number) {
    LinkPacket one = packet(number);
    one.content = content;
    // CHECK is a loop to clang-tidy.
    CHECK_FALSE(link.enter(std::move(one), 10us).dropped);  // NOLINT(bugprone-use-after-move)
  }
  CHECK(link.next_event() == Time(10us));
  CHECK(link.inside() == 3);
  const auto left = link.advance(10us);
  CHECK(numbers(left) == Numbers{1, 2, 3});
  for (const Leaving& one : left) {
    CHECK(one.due == 10us);
    CHECK(one.packet.content == content);
    CHECK_FALSE(one.copy);
    CHECK_FALSE(one.marked);
    CHECK_FALSE(one.reordered);
  }
  CHECK(link.inside() == 0);
  CHECK_FALSE(link.next_event());
}

TEST_CASE("a delay is exact, and its owner is told when it ends", "[lab]") {
  Link link = link_of(delayed(20ms));
  (void)link.enter(packet(1), 3ms);
  CHECK(link.next_event() == Time(23ms));
  CHECK(link.advance(23ms - 1ns).empty());
  const auto left = link.advance(30ms);
  REQUIRE(left.size() == 1);
  CHECK(left[0].entered == 3ms);
  CHECK(left[0].due == 23ms);
}

TEST_CASE("with jitter packets leave in order, and none before it came", "[lab]") {
  for (const JitterShape shape : {JitterShape::uniform, JitterShape::normal, JitterShape::pareto}) {
    Impairment impairment = delayed(10ms);
    impairment.jitter = 10ms;
    impairment.jitter_shape = shape;
    Link link = link_of(impairment);
    const Passage passage = pass(link, 10'000, 100us);
    REQUIRE(passage.left.size() == 10'000);
    CHECK(std::ranges::is_sorted(numbers(passage.left)));
    CHECK(std::ranges::is_sorted(passage.left, {}, &Leaving::due));
    CHECK(std::ranges::all_of(passage.left,
                              [](const Leaving& one) { return one.due >= one.entered; }));
    CHECK(std::ranges::none_of(passage.left, &Leaving::reordered));
  }
}

TEST_CASE("jitter that reorders gives each packet its own delay", "[lab]") {
  Impairment impairment = delayed(10ms);
  impairment.jitter = 5ms;
  impairment.jitter_reorders = true;
  Link link = link_of(impairment);
  const Passage passage = pass(link, 10'000, 100us);
  REQUIRE(passage.left.size() == 10'000);
  CHECK(std::ranges::is_sorted(passage.left, {}, &Leaving::due));
  std::uint64_t next_expected = 0;
  std::size_t reordered = 0;
  for (const Leaving& one : passage.left) {
    const std::uint64_t number = one.packet.name.number;
    CHECK(one.due == one.entered + 10ms + passage.entered[number - 1].fate.jitter);
    // RFC 4737, section 3.3.
    CHECK(one.reordered == (number < next_expected));
    next_expected = std::max(next_expected, number + 1);
    reordered += one.reordered ? 1U : 0U;
  }
  CHECK(reordered > 1000);
}

TEST_CASE("a packet that is held back leaves right behind the one that released it", "[lab]") {
  for (const std::uint32_t by : {1U, 3U, 20U}) {
    Impairment impairment;
    impairment.reorder = 0.1;
    impairment.reorder_by = by;
    Link link = link_of(impairment);
    const Passage passage = pass(link, 5000, 100us);
    REQUIRE(passage.left.size() == 5000);
    std::map<std::uint64_t, std::size_t> position;
    for (std::size_t i = 0; i < passage.left.size(); ++i) {
      position[passage.left[i].packet.name.number] = i;
    }
    const auto is_held = [&](std::uint64_t number) {
      return passage.entered[number - 1].fate.held_back;
    };
    for (std::uint64_t number = 1; number < 4900; ++number) {
      if (!is_held(number)) continue;
      std::uint64_t releasing = number;
      for (std::uint32_t gone = 0; gone < by; gone += is_held(releasing) ? 0U : 1U) ++releasing;
      const Leaving& one = passage.left[position[number]];
      CHECK(one.due == passage.left[position[releasing]].entered);
      CHECK(one.reordered);
      // Nothing but others that it released too is between them.
      for (std::size_t i = position[releasing] + 1; i < position[number]; ++i) {
        CHECK(is_held(passage.left[i].packet.name.number));
      }
    }
  }
}

TEST_CASE("only later packets of its own flow release one that is held back", "[lab]") {
  Impairment impairment;
  impairment.reorder = 0.5;
  impairment.reorder_by = 1;
  Link link = link_of(impairment);
  std::uint64_t number = 1;
  while (!link.enter(packet(number), 1ms).fate.held_back) ++number;
  (void)link.advance(1ms);
  for (std::uint64_t other = 1; other <= 100; ++other)
    (void)link.enter(packet(other, 1500, 1), 2ms);
  for (const Leaving& one : link.advance(2ms)) CHECK(one.packet.flow_index == 1);
  while (link.enter(packet(++number), 3ms).fate.held_back) {
  }
  const auto left = link.advance(3ms);
  CHECK(left.size() >= 2);
  CHECK(left.front().packet.name.number == number);
}

TEST_CASE("lost packets release none that are held back", "[lab]") {
  Impairment impairment;
  impairment.reorder = 1;
  Impairment then;
  then.loss = IndependentLoss{1};
  Link link(spec_with_change(1ms, impairment, then), Direction::a_to_b);
  link.restart_script(0ms);
  (void)link.enter(packet(1), 0ms);
  for (std::uint64_t number = 2; number <= 10; ++number) (void)link.enter(packet(number), 2ms);
  CHECK(link.advance(2ms).empty());
  CHECK(link.inside() == 1);
}

TEST_CASE("when nothing follows, a packet is held back for 50 ms", "[lab]") {
  Impairment impairment;
  impairment.reorder = 1;
  Link link = link_of(impairment);
  (void)link.enter(packet(1), 5ms);
  (void)link.enter(packet(2), 6ms);
  CHECK(link.next_event() == Time(55ms));
  const auto left = link.advance(100ms);
  CHECK(numbers(left) == Numbers{1, 2});
  REQUIRE(left.size() == 2);
  CHECK(left[0].due == 55ms);
  CHECK(left[1].due == 56ms);
  CHECK_FALSE(left[0].reordered);
}

TEST_CASE("a duplicated packet leaves twice, and both have the same damage", "[lab]") {
  Impairment impairment = delayed(1ms);
  impairment.duplicate = impairment.corrupt = impairment.corrupt_swap = 1;
  Link link = link_of(impairment);
  const Passage passage = pass(link, 100, 1ms);
  REQUIRE(passage.left.size() == 200);
  for (std::size_t i = 0; i < passage.left.size(); i += 2) {
    const Leaving& first = passage.left[i];
    const Leaving& second = passage.left[i + 1];
    CHECK(first.packet.name == second.packet.name);
    CHECK_FALSE(first.copy);
    CHECK(second.copy);
    CHECK(first.flip.has_value());
    CHECK(first.flip == second.flip);
    CHECK(first.swap == second.swap);
    CHECK_FALSE(first.reordered);
    CHECK_FALSE(second.reordered);
  }
}

TEST_CASE("a link that is down drops what comes and lets go what was under way", "[lab]") {
  Impairment broken = delayed(10ms);
  broken.down = true;
  Link link(spec_with_change(5ms, delayed(10ms), broken), Direction::a_to_b);
  link.restart_script(0ms);
  CHECK_FALSE(link.enter(packet(1), 4ms).dropped);
  CHECK_FALSE(link.is_down());
  CHECK(link.enter(packet(2), 5ms).dropped == Dropped::down);
  CHECK(link.is_down());
  CHECK(numbers(link.advance(20ms)) == Numbers{1});
  CHECK(link.inside() == 0);
}

TEST_CASE("losses are told when the packet enters", "[lab]") {
  Impairment impairment;
  impairment.loss = ScriptedLoss{{{2, 3}}};
  Link link = link_of(impairment);
  const Passage passage = pass(link, 5, 1ms);
  CHECK(numbers(passage.left) == Numbers{1, 4, 5});
  CHECK(passage.entered[1].dropped == Dropped::loss);
  CHECK(passage.entered[2].dropped == Dropped::loss);
  CHECK_FALSE(passage.entered[3].dropped);
}

TEST_CASE("a script begins when it is told to, and can begin again", "[lab]") {
  Link link(spec_with_change(10ms, {}, down()), Direction::a_to_b);
  CHECK_FALSE(link.enter(packet(1), 50ms).dropped);
  link.restart_script(100ms);
  CHECK_FALSE(link.enter(packet(2), 110ms - 1ns).dropped);
  CHECK(link.enter(packet(3), 110ms).dropped == Dropped::down);
  link.restart_script(200ms);
  CHECK_FALSE(link.is_down());
  CHECK_FALSE(link.enter(packet(4), 205ms).dropped);
  CHECK(link.enter(packet(5), 210ms).dropped == Dropped::down);
}

TEST_CASE("changes of the other direction are no concern of this one", "[lab]") {
  const LabSpec spec = spec_with_change(1ms, {}, down());
  Link link(spec, Direction::b_to_a);
  link.restart_script(0ms);
  CHECK_FALSE(link.enter(packet(1), 5ms).dropped);
}

TEST_CASE("packets under way keep their delay when it changes, and their order", "[lab]") {
  Link link(spec_with_change(5ms, delayed(20ms), delayed(1ms)), Direction::a_to_b);
  link.restart_script(0ms);
  (void)link.enter(packet(1), 4ms);
  (void)link.enter(packet(2), 6ms);
  (void)link.enter(packet(3), 30ms);
  const auto left = drain(link);
  REQUIRE(numbers(left) == Numbers{1, 2, 3});
  CHECK(left[0].due == 24ms);
  CHECK(left[1].due == 24ms);
  CHECK(left[2].due == 31ms);
}

TEST_CASE("a super-packet counts as its packets", "[lab]") {
  Link link = link_of(delayed(1ms));
  LinkPacket one = packet(1, 15'000);
  one.packets = 10;
  (void)link.enter(std::move(one), 0ms);
  (void)link.enter(packet(11), 0ms);
  CHECK(link.inside() == 11);
  const auto left = link.advance(1ms);
  REQUIRE(numbers(left) == Numbers{1, 11});
  CHECK(left[0].packet.packets == 10);
  CHECK_FALSE(left[1].reordered);
  CHECK(link.inside() == 0);
}

TEST_CASE(
    "flows of two protocols with one ordinal meet one fate, whatever "
    "else passes",
    "[lab]") {
  Impairment impairment;
  impairment.loss = GilbertElliottLoss{.good_to_bad = 0.05, .bad_to_good = 0.3};
  impairment.duplicate = 0.1;
  impairment.corrupt = 0.1;
  Link alone = link_of(impairment);
  Link shared = link_of(impairment);
  const auto named = [](std::uint64_t flow, std::uint64_t number, std::size_t index) {
    LinkPacket one = packet(number, 1500, index);
    one.name.flow = flow;
    return one;
  };
  for (std::uint64_t number = 1; number <= 5000; ++number) {
    const auto now = static_cast<std::int64_t>(number) * Time(100us);
    const Entered first = alone.enter(named(0, number, 0), now);
    // The first flows of UDP and of TCP, and a second one between them.
    const Entered udp = shared.enter(named(0, number, 3), now);
    (void)shared.enter(named(1, number, 4), now);
    const Entered tcp = shared.enter(named(0, number, 5), now);
    for (const Entered& one : {udp, tcp}) {
      CHECK(one.dropped == first.dropped);
      CHECK(one.fate.duplicated == first.fate.duplicated);
      CHECK(one.fate.flip == first.fate.flip);
    }
    (void)alone.advance(now);
    (void)shared.advance(now);
  }
}
