// Random streams with loss, duplicates and reordering: every metric must agree with an obvious
// implementation that remembers everything and looks through all of it.

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "measure/stream.hpp"
#include "support/catch.hpp"

namespace netduel {
namespace {

class Obvious {
 public:
  Obvious(std::uint64_t first, std::uint64_t span) : first_(first), span_(span), next_(first) {}

  Placement read(std::uint64_t sequence) {
    const Placement placement = place(sequence);
    if (placement.order == Order::stale) ++stale;
    if (placement.order == Order::duplicate) ++duplicates;
    if (placement.order == Order::reordered) extents.push_back(extent_of(sequence));
    if (is_unique(placement.order)) {
      unique_in_order_of_arrival.push_back(sequence);
      seen_.insert(sequence);
      next_ = std::max(next_, sequence + 1);
    }
    return placement;
  }
  std::uint64_t left_out() const { return next_ - first_ - seen_.size(); }

  std::vector<std::uint64_t> unique_in_order_of_arrival;
  std::vector<std::uint64_t> extents;
  std::uint64_t duplicates = 0;
  std::uint64_t stale = 0;

 private:
  Placement place(std::uint64_t sequence) const {
    if (sequence >= next_) {
      const std::uint64_t left_out = sequence - next_;
      return {left_out == 0 ? Order::in_order : Order::gap, left_out};
    }
    const std::uint64_t back = next_ - sequence;
    if (sequence < first_ || back > span_) return {Order::stale, back};
    return {seen_.contains(sequence) ? Order::duplicate : Order::reordered, back};
  }

  std::uint64_t extent_of(std::uint64_t sequence) const {
    std::uint64_t j = 0;
    while (unique_in_order_of_arrival[j] < sequence) ++j;
    return unique_in_order_of_arrival.size() - j;
  }

  std::set<std::uint64_t> seen_;
  std::uint64_t first_;
  std::uint64_t span_;
  std::uint64_t next_;
};

struct Path {
  double loss;
  double duplication;
  double reordering;
  double delay_deviation;  ///< how far, in messages, a reordered one is moved
  double jump;             ///< how often a whole range is left out
};

std::vector<std::uint64_t> travel(const Path& path, std::uint64_t first, std::mt19937_64& random) {
  std::uniform_real_distribution<double> chance(0, 1);
  std::exponential_distribution<double> delay(1 / path.delay_deviation);
  std::vector<std::pair<double, std::uint64_t>> arrivals;
  std::uint64_t sequence = first;
  for (int sent = 0; sent < 2000; ++sent, ++sequence) {
    if (chance(random) < path.jump) sequence += random() % 2000;
    if (chance(random) < path.loss) continue;
    const int copies = chance(random) < path.duplication ? 2 + static_cast<int>(random() % 2) : 1;
    for (int copy = 0; copy < copies; ++copy) {
      const double moved = chance(random) < path.reordering ? delay(random) : 0;
      arrivals.emplace_back(static_cast<double>(sequence) + moved, sequence);
    }
  }
  std::stable_sort(arrivals.begin(), arrivals.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::uint64_t> order;
  for (const auto& [when, number] : arrivals) order.push_back(number);
  return order;
}

TEST_CASE("metrics agree with an obvious implementation on random streams",
          "[window][loss][duplication][reordering]") {
  const auto path = GENERATE(Path{0.1, 0, 0, 1, 0}, Path{0, 0.1, 0.1, 5, 0},
                             Path{0.02, 0.05, 0.3, 20, 0}, Path{0.3, 0.3, 0.5, 60, 0},
                             Path{0.05, 0.05, 0.2, 100, 0.01}, Path{0, 0, 1, 1000, 0});
  const std::uint64_t span = GENERATE(64, 512, SequenceWindow::default_span);
  const std::uint64_t first = GENERATE(0, 1, 1000);
  const auto seed = GENERATE(11U, 12U, 13U);
  CAPTURE(seed, path.loss, path.duplication, path.reordering, span, first);
  std::mt19937_64 random(seed);

  test::Stream stream(first, span);
  Obvious obvious(first, span);
  bool same_placements = true;
  for (const std::uint64_t sequence : travel(path, first, random)) {
    const Placement placement = stream.read(sequence);
    const Placement expected = obvious.read(sequence);
    same_placements = same_placements && placement == expected;
  }
  CHECK(same_placements);

  const std::uint64_t unique = obvious.unique_in_order_of_arrival.size();
  CHECK(stream.get<Loss>().unique() == unique);
  CHECK(stream.get<Loss>().stale() == obvious.stale);
  CHECK(stream.get<Loss>().lost_at_least() == obvious.left_out());
  CHECK(stream.get<Loss>().lost(unique + 17) == 17);
  CHECK(stream.get<Throughput>().unique_octets() == 1000 * unique);
  CHECK(stream.get<Delay>().to_read().count() == unique);
  CHECK(stream.get<Duplication>().duplicates() == obvious.duplicates);

  const auto& reordering = stream.get<Reordering>();
  std::uint64_t extent_sum = 0;
  std::uint64_t max_extent = 0;
  for (const std::uint64_t extent : obvious.extents) {
    extent_sum += extent;
    max_extent = std::max(max_extent, extent);
  }
  CHECK(reordering.extents_cut() == 0);
  CHECK(reordering.reordered() == obvious.extents.size());
  CHECK(reordering.max_extent() == max_extent);
  CHECK(reordering.mean_extent().value_or(0) * static_cast<double>(obvious.extents.size()) ==
        Approx(static_cast<double>(extent_sum)));
}

}  // namespace
}  // namespace netduel
