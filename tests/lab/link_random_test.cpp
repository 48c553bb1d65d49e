#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <random>
#include <tuple>
#include <vector>

#include "lab/link.hpp"
#include "lab/packets.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

using Time = std::chrono::nanoseconds;
constexpr std::uint64_t flows = 3;

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  bool half() { return below(2) == 0; }
  double ratio() { return half() ? 0 : static_cast<double>(below(400)) / 1000; }

 private:
  std::mt19937_64 random_;
};

QueueLength some_length(Dice& dice) {
  switch (dice.below(3)) {
    case 0:
      return {QueueLength::Unit::packets, 1 + dice.below(20)};
    case 1:
      return {QueueLength::Unit::octets, 1 + dice.below(30'000)};
    default:
      return {QueueLength::Unit::time, 1 + dice.below(50'000'000)};
  }
}

Impairment some_impairment(Dice& dice) {
  Impairment one;
  one.down = dice.below(8) == 0;
  switch (dice.below(4)) {
    case 0:
      one.loss = IndependentLoss{dice.ratio()};
      break;
    case 1:
      one.loss = GilbertElliottLoss{.good_to_bad = 0.05, .bad_to_good = 0.3};
      break;
    case 2:
      one.loss = ScriptedLoss{{{3, 3}, {100, 150}}};
      break;
    default:
      break;
  }
  one.duplicate = dice.ratio();
  one.reorder = dice.ratio();
  one.reorder_by = static_cast<std::uint32_t>(1 + dice.below(30));
  one.corrupt = dice.ratio();
  if (dice.half()) {
    one.bottleneck_bits_per_second = 1e6 * static_cast<double>(1 + dice.below(50));
    if (dice.half()) one.queue = some_length(dice);
    if (dice.half()) one.mark = some_length(dice);
  }
  if (dice.half()) one.delay = Time(dice.below(20'000'000));
  if (dice.half()) one.jitter = Time(dice.below(20'000'000));
  one.jitter_reorders = dice.half();
  return one;
}

LabSpec some_path(std::uint64_t seed) {
  Dice dice(seed);
  LabSpec spec = spec_of(some_impairment(dice), seed);
  for (Time at = 30ms; dice.half(); at += 30ms) {
    spec.changes.push_back({at, Direction::a_to_b, some_impairment(dice)});
  }
  return spec;
}

struct Accounts {
  std::uint64_t in = 0;
  std::uint64_t duplicated = 0;
  std::uint64_t forwarded = 0;
  std::uint64_t dropped = 0;
};

/// Some hundred packets of three flows over a random path.
class Traffic {
 public:
  explicit Traffic(std::uint64_t seed) : link_(some_path(seed), Direction::a_to_b), dice_(~seed) {
    link_.restart_script(0ms);
  }

  /// `in_time` owners look at each event, others only when a packet comes, if
  /// then.
  void run(std::uint64_t count, bool in_time) {
    Time now{};
    for (std::uint64_t i = 0; i < count; ++i) {
      now += Time(dice_.below(1'000'000));
      const bool looks = dice_.half();
      while (in_time && link_.next_event() && *link_.next_event() <= now) {
        take(*link_.next_event());
      }
      enter(now);
      if (looks && !in_time) take(now);
      check_balance();
    }
    while (const auto next = link_.next_event()) take(*next);
    check_balance();
    CHECK(link_.inside() == 0);
    CHECK(link_.queue().packets == 0);
    CHECK(link_.queue().octets == 0);
  }

  const std::vector<Leaving>& left() const { return left_; }
  const Accounts& accounts() const { return accounts_; }
  const std::map<std::pair<std::size_t, std::uint64_t>, Entered>& entered() const {
    return entered_;
  }

 private:
  void enter(Time now) {
    const std::uint64_t flow = dice_.below(flows);
    const auto octets = static_cast<std::uint32_t>(40 + dice_.below(1460));
    LinkPacket one = packet(++numbers_[flow], octets, flow);
    one.ecn_capable = dice_.half();
    const Entered entered = link_.enter(std::move(one), now);
    ++accounts_.in;
    if (entered.dropped) ++accounts_.dropped;
    if (entered.fate.duplicated) ++accounts_.duplicated;
    entered_[{flow, numbers_[flow]}] = entered;
  }
  void take(Time now) {
    auto more = link_.advance(now);
    accounts_.forwarded += more.size();
    append(left_, std::move(more));
  }
  void check_balance() {
    accounts_.dropped += link_.take_late_drops().size();
    REQUIRE(accounts_.in + accounts_.duplicated ==
            accounts_.forwarded + accounts_.dropped + link_.inside());
  }

  Link link_;
  Dice dice_;
  std::map<std::uint64_t, std::uint64_t> numbers_;
  std::map<std::pair<std::size_t, std::uint64_t>, Entered> entered_;
  std::vector<Leaving> left_;
  Accounts accounts_;
};

auto all_of(const Leaving& one) {
  return std::tuple(one.packet.flow_index, one.packet.name.number, one.entered, one.due, one.copy,
                    one.marked, one.flip, one.swap, one.reordered);
}

}  // namespace

TEST_CASE("every packet and every copy leaves, is dropped or is still in the link", "[lab]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Traffic(seed).run(400, true);
  }
}

TEST_CASE("an owner who looks late finds the same packets with the same times", "[lab]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Traffic in_time(seed);
    in_time.run(400, true);
    Traffic late(seed);
    late.run(400, false);
    REQUIRE(in_time.left().size() == late.left().size());
    for (std::size_t i = 0; i < in_time.left().size(); ++i) {
      REQUIRE(all_of(in_time.left()[i]) == all_of(late.left()[i]));
    }
  }
}

TEST_CASE("times of leaving never go back, and no packet leaves before it came", "[lab]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Traffic traffic(seed);
    traffic.run(400, true);
    CHECK(std::ranges::is_sorted(traffic.left(), {}, &Leaving::due));
    CHECK(std::ranges::all_of(traffic.left(),
                              [](const Leaving& one) { return one.due >= one.entered; }));
  }
}

TEST_CASE("of each packet one leaves that is no copy, and reordering is judged by it", "[lab]") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    INFO("seed " << seed);
    Traffic traffic(seed);
    traffic.run(400, true);
    std::map<std::pair<std::size_t, std::uint64_t>, std::uint64_t> times;
    std::map<std::size_t, std::uint64_t> next_expected;
    for (const Leaving& one : traffic.left()) {
      const std::uint64_t number = one.packet.name.number;
      const std::uint64_t before = times[{one.packet.flow_index, number}]++;
      REQUIRE(one.copy == (before == 1));
      REQUIRE(before <= 1);
      if (one.copy) {
        REQUIRE_FALSE(one.reordered);
        REQUIRE(traffic.entered().at({one.packet.flow_index, number}).fate.duplicated);
        continue;
      }
      // RFC 4737, section 3.3.
      std::uint64_t& expected = next_expected[one.packet.flow_index];
      REQUIRE(one.reordered == (number < expected));
      expected = std::max(expected, number + 1);
    }
  }
}
