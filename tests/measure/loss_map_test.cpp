#include "measure/loss_map.hpp"

#include <random>
#include <set>

#include "netduel/measure/sequence_window.hpp"
#include "support/catch.hpp"

using namespace netduel;

namespace {

using Run = MissingRuns::Run;
using Cell = LossMap::Cell;
using Column = LossMap::Column;

/// What was missing after these arrivals of a stream of `sent`.
MissingRuns missing_after(const std::vector<std::uint64_t>& arrivals, std::uint64_t sent,
                          std::uint64_t counted_from = 0) {
  SequenceWindow window(counted_from);
  MissingRuns missing(counted_from);
  for (const std::uint64_t number : arrivals) {
    missing.observe({.sequence = number}, window.place(number));
  }
  missing.finish(sent);
  return missing;
}

}  // namespace

TEST_CASE("numbers that never came are told as runs", "[missing_runs]") {
  CHECK(missing_after({0, 1, 2}, 3).runs().empty());
  CHECK(missing_after({0, 3, 4}, 7).runs() == std::vector<Run>{{1, 3}, {5, 7}});
  CHECK(missing_after({}, 4).runs() == std::vector<Run>{{0, 4}});
  CHECK(missing_after({5, 7}, 8, 5).runs() == std::vector<Run>{{6, 7}});
  CHECK(missing_after({0, 1}, 1).complete_to() == 2);
}

TEST_CASE("a message that comes late is taken out of its run", "[missing_runs]") {
  CHECK(missing_after({0, 5, 1}, 6).runs() == std::vector<Run>{{2, 5}});
  CHECK(missing_after({0, 5, 4}, 6).runs() == std::vector<Run>{{1, 4}});
  CHECK(missing_after({0, 5, 3}, 6).runs() == std::vector<Run>{{1, 3}, {4, 5}});
  CHECK(missing_after({0, 2, 1}, 3).runs().empty());
  CHECK(missing_after({0, 5, 3, 3, 0}, 6).runs() == std::vector<Run>{{1, 3}, {4, 5}});
}

TEST_CASE("runs are those of the numbers that a random stream lacks", "[missing_runs]") {
  std::mt19937 random(11);
  for (int i = 0; i < 30; ++i) {
    std::vector<std::uint64_t> arrivals;
    std::set<std::uint64_t> lacking;
    for (std::uint64_t number = 0; number < 400; ++number) {
      if (random() % 4 == 0) {
        lacking.insert(number);
      } else {
        arrivals.push_back(number);
        if (random() % 10 == 0) arrivals.push_back(number);
      }
    }
    for (std::size_t n = 0; n + 8 < arrivals.size(); n += 1 + random() % 9) {
      std::swap(arrivals[n], arrivals[n + random() % 8]);
    }
    std::set<std::uint64_t> told;
    std::uint64_t apart_from = 0;
    const MissingRuns missing = missing_after(arrivals, 400);
    for (const Run& run : missing.runs()) {
      CHECK((run.first > apart_from || run.first == 0));
      for (std::uint64_t n = run.first; n < run.end; ++n) told.insert(n);
      apart_from = run.end;
    }
    CHECK(told == lacking);
  }
}

TEST_CASE("more runs than memory allows leave the rest untold", "[missing_runs]") {
  MissingRuns missing;
  SequenceWindow window;
  const std::uint64_t end = 2 * (MissingRuns::most_runs + 10);
  for (std::uint64_t n = 1; n < end; n += 2) missing.observe({.sequence = n}, window.place(n));
  CHECK(missing.runs().size() == MissingRuns::most_runs);
  CHECK(missing.complete_to() == 2 * MissingRuns::most_runs);
  missing.finish(end + 5);
  CHECK(missing.complete_to() == 2 * MissingRuns::most_runs);
}

TEST_CASE("the loss map parts what all lost from what one lost and what some lost", "[loss_map]") {
  // Of 100: all three lost 10 to 14; two of them 20 and 21; the last one 40 to 42 and 90.
  const LossMap map = loss_map({{.from = 0, .to = 100, .missing = {{10, 15}, {20, 22}}},
                                {.from = 0, .to = 100, .missing = {{10, 15}, {20, 22}}},
                                {.from = 0, .to = 100, .missing = {{10, 15}, {40, 43}, {90, 91}}}},
                               100, 4);
  CHECK(map.numbers_in_a_column == 25);
  CHECK(map.all == Column{.messages = 100, .lost_by_all = 5, .lost_by_one = 4, .lost_by_some = 2});
  REQUIRE(map.columns.size() == 4);
  CHECK(map.columns[0] ==
        Column{.messages = 25, .lost_by_all = 5, .lost_by_one = 0, .lost_by_some = 2});
  CHECK(map.columns[1] ==
        Column{.messages = 25, .lost_by_all = 0, .lost_by_one = 3, .lost_by_some = 0});
  CHECK(map.receivers[0][0] ==
        Cell{.messages = 25, .lost = 7, .shared = 5, .own = 0, .partly_shared = 2});
  CHECK(map.receivers[2][0] ==
        Cell{.messages = 25, .lost = 5, .shared = 5, .own = 0, .partly_shared = 0});
  CHECK(map.receivers[2][3] ==
        Cell{.messages = 25, .lost = 1, .shared = 0, .own = 1, .partly_shared = 0});
}

TEST_CASE("who had not joined, or of whom nothing is known, has no say in the loss map",
          "[loss_map]") {
  // The second one came at 50, and of the third nothing is known.
  const LossMap map = loss_map({{.from = 0, .to = 100, .missing = {{10, 12}, {60, 63}, {70, 71}}},
                                {.from = 50, .to = 100, .missing = {{60, 63}}},
                                {.from = 0, .to = 0, .missing = {}}},
                               100, 2);
  CHECK(map.all == Column{.messages = 50, .lost_by_all = 3, .lost_by_one = 1, .lost_by_some = 0});
  // With nobody to compare with a loss is neither shared nor one's own.
  CHECK(map.receivers[0][0] ==
        Cell{.messages = 50, .lost = 2, .shared = 0, .own = 0, .partly_shared = 0});
  CHECK(map.receivers[0][1] ==
        Cell{.messages = 50, .lost = 4, .shared = 3, .own = 1, .partly_shared = 0});
  CHECK(map.receivers[1][0] == Cell{});
  CHECK(map.receivers[2][1] == Cell{});
}

TEST_CASE("a loss map has no more columns than the stream has numbers", "[loss_map]") {
  CHECK(loss_map({{.from = 0, .to = 3, .missing = {}}}, 3, 60).columns.size() == 3);
  CHECK(loss_map({{.from = 0, .to = 0, .missing = {}}}, 0, 60).columns.empty());
  CHECK(loss_map({}, 10, 4).all == Column{});
  const LossMap uneven = loss_map({{.from = 0, .to = 7, .missing = {}}}, 7, 3);
  REQUIRE(uneven.columns.size() == 3);
  CHECK(uneven.receivers[0][2].messages == 1);
}

TEST_CASE("what all lose by chance is told beside what all lost", "[loss_map]") {
  // Two receivers that each lose a tenth by themselves lose a hundredth together.
  std::mt19937 random(5);
  constexpr std::uint64_t sent = 100'000;
  std::vector<LossMap::Losses> losses(2, {.from = 0, .to = sent, .missing = {}});
  for (auto& of : losses) {
    for (std::uint64_t n = 0; n < sent; ++n) {
      if (random() % 10 != 0) continue;
      if (!of.missing.empty() && of.missing.back().end == n) {
        ++of.missing.back().end;
      } else {
        of.missing.push_back({n, n + 1});
      }
    }
  }
  const LossMap map = loss_map(losses, sent, 10);
  CHECK(map.all.lost_by_all > 850);
  CHECK(map.lost_by_all_by_chance == Approx(1000).epsilon(0.05));
  // One of whom nothing is known changes nothing, one that lost nothing leaves no chance.
  losses.push_back({.from = 0, .to = 0, .missing = {}});
  CHECK(loss_map(losses, sent, 10).lost_by_all_by_chance == map.lost_by_all_by_chance);
  losses.push_back({.from = 0, .to = sent, .missing = {}});
  CHECK(loss_map(losses, sent, 10).lost_by_all_by_chance == 0);
}
