#include "netduel/measure/sequence_window.hpp"

#include <algorithm>
#include <limits>

#include "measure/printing.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

TEST_CASE("numbers in order are placed in order", "[window]") {
  SequenceWindow window;
  for (std::uint64_t n = 0; n < 1000; ++n) CHECK(window.place(n) == Placement{Order::in_order, 0});
  CHECK(window.next_expected() == 1000);
}

TEST_CASE("a gap tells how many numbers were left out", "[window]") {
  SequenceWindow window;
  CHECK(window.place(2) == Placement{Order::gap, 2});
  CHECK(window.place(3) == Placement{Order::in_order, 0});
  CHECK(window.place(10) == Placement{Order::gap, 6});
}

TEST_CASE("a late number is reordered once and a duplicate after that", "[window]") {
  SequenceWindow window;
  window.place(0);
  window.place(5);
  CHECK(window.place(3) == Placement{Order::reordered, 3});
  CHECK(window.place(3) == Placement{Order::duplicate, 3});
  CHECK(window.place(5) == Placement{Order::duplicate, 1});
  CHECK(window.next_expected() == 6);
}

TEST_CASE("numbering may start at one, and what lies below is stale", "[window]") {
  SequenceWindow window(1);
  CHECK(window.place(0) == Placement{Order::stale, 1});
  CHECK(window.place(1) == Placement{Order::in_order, 0});
  CHECK(window.place(0) == Placement{Order::stale, 2});
  CHECK(window.first_expected() == 1);
}

TEST_CASE("the window remembers its whole span and nothing beyond it", "[window]") {
  SequenceWindow window(0, 64);
  for (std::uint64_t n = 0; n < 200; ++n) {
    if (n != 136 && n != 135) window.place(n);
  }
  CHECK(window.place(136) == Placement{Order::reordered, 64});
  CHECK(window.place(135) == Placement{Order::stale, 65});
  CHECK(window.place(137) == Placement{Order::duplicate, 63});
}

TEST_CASE("the span is rounded up to a power of two", "[window]") {
  SequenceWindow window(0, 65);
  window.place(127);
  CHECK(window.place(0) == Placement{Order::reordered, 128});
  window.place(128);
  CHECK(window.place(0) == Placement{Order::stale, 129});
}

TEST_CASE("a jump clears what older numbers left in the window", "[window]") {
  const std::uint64_t jump = GENERATE(1, 2, 63, 64, 65, 127, 128, 129, 191, 255, 256, 257, 5000);
  const std::uint64_t start = GENERATE(0, 1, 63, 64, 100, 256, 1000);
  CAPTURE(jump, start);
  SequenceWindow window(0, 256);
  for (std::uint64_t n = 0; n < start; ++n) window.place(n);
  const std::uint64_t landed = start + jump;
  CHECK(window.place(landed) == Placement{Order::gap, jump});
  for (std::uint64_t back = 1; back < std::min<std::uint64_t>(landed, 256); ++back) {
    const Order expected = back < jump + 1 ? Order::reordered : Order::duplicate;
    CHECK(window.place(landed - back) == Placement{expected, back + 1});
  }
}

TEST_CASE("numbers that no stream can reach leave the window as it was", "[window]") {
  SequenceWindow window;
  window.place(0);
  CHECK(window.place(std::numeric_limits<std::uint64_t>::max()) == Placement{Order::stale, 0});
  CHECK(window.place(std::uint64_t{1} << 63) == Placement{Order::stale, 0});
  CHECK(window.place(1) == Placement{Order::in_order, 0});
  CHECK(window.place((std::uint64_t{1} << 63) - 1).order == Order::gap);
}

}  // namespace
}  // namespace netduel
