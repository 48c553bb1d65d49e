#include "netduel/measure/reorder_density.hpp"

#include <algorithm>
#include <map>
#include <random>
#include <vector>

#include "netduel/measure/sequence_window.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

using Counts = std::map<std::int64_t, std::uint64_t>;

ReorderDensity density(const std::vector<std::uint64_t>& arrivals, std::uint64_t first = 1,
                       std::size_t threshold = ReorderDensity::default_threshold) {
  ReorderDensity found(first, threshold);
  SequenceWindow window(first);
  for (const std::uint64_t sequence : arrivals) {
    found.observe({.sequence = sequence}, window.place(sequence));
  }
  found.finish(0);
  return found;
}

Counts displacements(const ReorderDensity& density) {
  Counts counts;
  const auto furthest = static_cast<std::int64_t>(density.threshold());
  for (std::int64_t by = -furthest; by <= furthest; ++by) {
    if (density.displaced_by(by) > 0) counts[by] = density.displaced_by(by);
  }
  return counts;
}

Counts occupancies(const ReorderDensity& density) {
  Counts counts;
  for (std::size_t n = 0; n <= density.threshold(); ++n) {
    if (density.occupied_by(n) > 0) counts[static_cast<std::int64_t>(n)] = density.occupied_by(n);
  }
  return counts;
}

TEST_CASE("1 3 2 4 7 5 6 8 has the densities of RFC 5236", "[reordering]") {
  const ReorderDensity found = density({1, 3, 2, 4, 7, 5, 6, 8});
  CHECK(found.counted() == 8);
  CHECK(displacements(found) == Counts{{-2, 1}, {-1, 1}, {0, 3}, {1, 3}});
  CHECK(occupancies(found) == Counts{{0, 5}, {1, 3}});
}

TEST_CASE("1 4 2 5 3 6 7 8, RFC 5236's section 8, has the densities 1 1 4 1 1 and 5 2 1",
          "[reordering]") {
  const ReorderDensity found = density({1, 4, 2, 5, 3, 6, 7, 8});
  CHECK(displacements(found) == Counts{{-2, 1}, {-1, 1}, {0, 4}, {1, 1}, {2, 1}});
  CHECK(occupancies(found) == Counts{{0, 5}, {1, 2}, {2, 1}});
}

TEST_CASE("loss and duplicates displace nothing", "[reordering]") {
  const ReorderDensity found = density({1, 1, 3, 5, 5, 6, 9, 3, 10, 100000});
  CHECK(found.counted() == 7);
  CHECK(displacements(found) == Counts{{0, 7}});
  CHECK(occupancies(found) == Counts{{0, 7}});
}

TEST_CASE("what comes later than the threshold is passed over", "[reordering]") {
  // 1 is held back by three arrivals.
  const std::vector<std::uint64_t> late{2, 3, 4, 1, 5};
  const ReorderDensity within = density(late, 1, 3);
  CHECK(displacements(within) == Counts{{-1, 3}, {0, 1}, {3, 1}});
  CHECK(occupancies(within) == Counts{{0, 2}, {1, 1}, {2, 1}, {3, 1}});
  const ReorderDensity beyond = density(late, 1, 2);
  CHECK(displacements(beyond) == Counts{{0, 4}});
  CHECK(occupancies(beyond) == Counts{{0, 4}});
}

TEST_CASE("a stream in order has one displacement and holds nothing", "[reordering]") {
  std::vector<std::uint64_t> all(1000);
  for (std::size_t n = 0; n < all.size(); ++n) all[n] = n + 7;
  CHECK(displacements(density(all)) == Counts{{0, 1000}});
  CHECK(occupancies(density({})).empty());
}

TEST_CASE("densities agree with an obvious implementation on random streams", "[reordering]") {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    // Blocks of 8 are shuffled, so that nothing is displaced by more than 7; some are lost.
    std::vector<std::uint64_t> arrivals;
    for (std::uint64_t block = 0; block < 20; ++block) {
      std::vector<std::uint64_t> shuffled;
      for (std::uint64_t n = 0; n < 8; ++n) {
        if (random() % 8 != 0) shuffled.push_back(8 * block + n);
      }
      std::shuffle(shuffled.begin(), shuffled.end(), random);
      arrivals.insert(arrivals.end(), shuffled.begin(), shuffled.end());
    }
    auto sorted = arrivals;
    std::sort(sorted.begin(), sorted.end());
    Counts displaced, occupied;
    std::size_t released = 0;
    std::vector<std::uint64_t> held;
    for (std::size_t n = 0; n < arrivals.size(); ++n) {
      ++displaced[static_cast<std::int64_t>(sorted[n]) - static_cast<std::int64_t>(arrivals[n])];
      held.push_back(arrivals[n]);
      while (released < sorted.size() && std::erase(held, sorted[released]) > 0) ++released;
      ++occupied[static_cast<std::int64_t>(held.size())];
    }
    const ReorderDensity found = density(arrivals, 0);
    REQUIRE(displacements(found) == displaced);
    REQUIRE(occupancies(found) == occupied);
  }
}

TEST_CASE("densities describe themselves", "[reordering]") {
  Report report;
  density({1, 3, 2, 4, 7, 5, 6, 8}).describe(report);
  CHECK(*report.find("reorder_density.threshold") == Value{std::uint64_t{64}});
  CHECK(*report.find("reorder_density.displacements[0].displacement") == Value{-2.0});
  CHECK(*report.find("reorder_density.displacements[0].ratio") == Value{0.125});
  CHECK(*report.find("reorder_density.occupancies[1].messages") == Value{std::uint64_t{1}});
  CHECK(*report.find("reorder_density.occupancies[1].ratio") == Value{0.375});
  Report empty;
  density({}).describe(empty);
  CHECK(*empty.find("reorder_density.displacements") == Value{EmptyList{}});
}

}  // namespace
}  // namespace netduel
