#include "netduel/measure/drop_gaps.hpp"

#include <limits>
#include <random>
#include <vector>

#include "measure/printing.hpp"
#include "netduel/measure/sequence_window.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

constexpr Placement in_order{Order::in_order, 0};
constexpr Placement gap_of(std::uint64_t missing) {
  return {Order::gap, missing};
}

TEST_CASE("a gap with as many drops as messages was dropped here as a whole", "[drops]") {
  DropGaps gaps;
  gaps.observe(in_order, 0);
  gaps.observe(gap_of(3), 3);
  CHECK(gaps.drops() == 3);
  CHECK(gaps.drops_outside_gaps() == 0);
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{3, 3});
}

TEST_CASE("a gap without drops is not this host's", "[drops]") {
  DropGaps gaps;
  gaps.observe(gap_of(3), 0);
  gaps.close(5, 0);
  CHECK(gaps.messages_dropped({1, 64}) == Bounds{0, 0});
}

TEST_CASE("the counter alone understates what super-packets held", "[drops]") {
  DropGaps gaps;
  gaps.observe(gap_of(7840), 196);
  CHECK(gaps.messages_dropped({40, 40}) == Bounds{7840, 7840});
  CHECK(gaps.messages_dropped({1, 40}) == Bounds{196, 7840});
  CHECK(gaps.messages_dropped({10, 20}) == Bounds{1960, 3920});
}

TEST_CASE("drops before a late or repeated arrival belong to the next gap", "[drops]") {
  const Order order = GENERATE(Order::reordered, Order::duplicate, Order::stale);
  DropGaps gaps;
  gaps.observe(gap_of(1), 0);
  gaps.observe({order, 2}, 2);
  CHECK(gaps.drops_outside_gaps() == 2);
  gaps.observe(gap_of(4), 2);
  CHECK(gaps.drops_outside_gaps() == 0);
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{2, 2});
}

TEST_CASE("drops where nothing is missing lie outside gaps for good", "[drops]") {
  DropGaps gaps;
  gaps.observe(in_order, 2);
  gaps.observe(gap_of(4), 2);
  CHECK(gaps.drops() == 2);
  CHECK(gaps.drops_outside_gaps() == 2);
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{0, 0});
}

TEST_CASE("more drops than missing messages cannot all belong to the gap", "[drops]") {
  DropGaps gaps;
  gaps.observe(gap_of(1), 5);
  CHECK(gaps.drops_outside_gaps() == 4);
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{1, 1});
}

TEST_CASE("the end of the stream is a gap too", "[drops]") {
  DropGaps gaps;
  gaps.observe(in_order, 0);
  gaps.close(10, 4);
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{4, 4});
  CHECK(gaps.messages_dropped({2, 3}) == Bounds{8, 10});
}

TEST_CASE("an end that nobody watched may all have been dropped here", "[drops]") {
  DropGaps gaps;
  gaps.observe(gap_of(2), 2);
  gaps.close(10, std::nullopt);
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{2, 12});
}

TEST_CASE("the counter may wrap", "[drops]") {
  DropGaps gaps;
  gaps.observe(gap_of(1), 0x7FFFFFFFU);
  gaps.observe(gap_of(1), 0xFFFFFFFEU);
  gaps.observe(gap_of(5), 3);
  CHECK(gaps.drops() == 0x100000003U);
  gaps.close(2, 0x100000005U);
  CHECK(gaps.drops() == 0x100000005U);
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{9, 9});
}

TEST_CASE("a counter that is seen out of order adds nothing twice", "[drops]") {
  DropGaps gaps;
  gaps.observe(gap_of(3), 3);
  gaps.observe(gap_of(3), 2);
  gaps.observe(gap_of(3), 5);
  CHECK(gaps.drops() == 5);
}

TEST_CASE("memory is bounded: kinds beyond it are kept as bounds", "[drops]") {
  DropGaps gaps;
  std::uint32_t counter = 0;
  std::uint64_t dropped_low = 0;
  std::uint64_t dropped_high = 0;
  for (std::uint64_t missing = 2; missing < 10'000; ++missing) {
    gaps.observe(gap_of(missing), ++counter);
    dropped_low += std::min<std::uint64_t>(missing, 3);
    dropped_high += std::min<std::uint64_t>(missing, 7);
  }
  const Bounds bounds = gaps.messages_dropped({3, 7});
  CHECK(bounds.low <= dropped_low);
  CHECK(bounds.low > dropped_low / 3);
  CHECK(bounds.high >= dropped_high);
  CHECK(bounds.high < dropped_high + 10);
  // Without super-packets the overflow is as exact as the rest.
  CHECK(gaps.messages_dropped({1, 1}) == Bounds{9998, 9998});
}

TEST_CASE("gaps of any length stay exact while messages per drop are the same", "[drops]") {
  DropGaps gaps;
  std::uint32_t counter = 0;
  for (std::uint32_t drops = 1; drops <= 10'000; ++drops) {
    counter += drops;
    gaps.observe(gap_of(std::uint64_t{40} * drops), counter);
  }
  const std::uint64_t dropped = std::uint64_t{40} * counter;
  CHECK(gaps.messages_dropped({40, 40}) == Bounds{dropped, dropped});
}

/// What a receiving host with a queue that overflows at random does to a stream.
struct Host {
  SuperPacketSize size;
  double network_loss;
  double drop;
};

struct Truth {
  DropGaps gaps;
  std::uint64_t dropped = 0;
};

Truth receive(const Host& host, unsigned seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> chance(0, 1);
  std::uniform_int_distribution<std::uint32_t> size(host.size.smallest, host.size.largest);
  SequenceWindow window;
  Truth truth;
  std::uint64_t sequence = 0;
  std::uint32_t counter = 0;
  bool overflowing = false;
  for (int packet = 0; packet < 2000; ++packet) {
    const std::uint32_t messages = size(random);
    if (chance(random) < 0.3) overflowing = chance(random) < host.drop;  // drops come in bursts
    if (chance(random) < host.network_loss) {
      sequence += messages;
    } else if (overflowing) {
      sequence += messages;
      truth.dropped += messages;
      ++counter;
    } else {
      for (std::uint32_t n = 0; n < messages; ++n) {
        truth.gaps.observe(window.place(sequence++), counter);
      }
    }
  }
  truth.gaps.close(sequence - window.next_expected(), counter);
  return truth;
}

TEST_CASE("attribution is exact where super-packets are alike and the network loses nothing",
          "[drops]") {
  const std::uint32_t size = GENERATE(1U, 2U, 40U, 128U);
  const double drop = GENERATE(0.0, 0.05, 0.5, 0.95);
  const auto seed = GENERATE(21U, 22U, 23U);
  CAPTURE(size, drop, seed);
  const Truth truth = receive({{size, size}, 0, drop}, seed);
  CHECK(truth.gaps.messages_dropped({size, size}) == Bounds{truth.dropped, truth.dropped});
  CHECK(truth.gaps.drops() * size == truth.dropped);
  CHECK(truth.gaps.drops_outside_gaps() == 0);
}

TEST_CASE("the truth lies within the bounds whatever the network loses", "[drops]") {
  const auto size = GENERATE(SuperPacketSize{1, 1}, SuperPacketSize{40, 40}, SuperPacketSize{1, 64},
                             SuperPacketSize{30, 40});
  const double network_loss = GENERATE(0.0, 0.01, 0.3);
  const double drop = GENERATE(0.05, 0.5, 0.95);
  const auto seed = GENERATE(31U, 32U, 33U);
  CAPTURE(size.smallest, size.largest, network_loss, drop, seed);
  const Truth truth = receive({size, network_loss, drop}, seed);
  const Bounds bounds = truth.gaps.messages_dropped(size);
  CAPTURE(bounds, truth.dropped);
  CHECK(bounds.low <= truth.dropped);
  CHECK(truth.dropped <= bounds.high);
}

}  // namespace
}  // namespace netduel
