#include "measure/loss_map.hpp"

#include <algorithm>
#include <ranges>

namespace netduel {
namespace {

using Run = MissingRuns::Run;

/// From one number to the next at which any receiver's state changes, all messages are alike.
std::vector<std::uint64_t> changes_of(const std::vector<LossMap::Losses>& receivers,
                                      std::uint64_t sent, std::uint64_t numbers_in_a_column) {
  std::vector<std::uint64_t> at{0, sent};
  for (std::uint64_t n = numbers_in_a_column; n < sent; n += numbers_in_a_column) at.push_back(n);
  for (const LossMap::Losses& of : receivers) {
    at.push_back(of.from);
    at.push_back(of.to);
    for (const Run& run : of.missing) {
      at.push_back(run.first);
      at.push_back(run.end);
    }
  }
  std::ranges::sort(at);
  const auto [repeated, end] = std::ranges::unique(at);
  at.erase(repeated, end);
  at.erase(std::ranges::upper_bound(at, sent), at.end());
  return at;
}

/// Of the messages that were not lost before receivers parted each lost q by itself, and all of
/// them the product Q of these. Seen is r = (q - Q) / (1 - Q), what each lost while another did
/// not, as that happens to no message that all lost: Q is what comes out of q = r + Q (1 - r).
double by_chance(const LossMap& map) {
  std::vector<double> seen;
  for (const auto& row : map.receivers) {
    std::uint64_t apart = 0;
    std::uint64_t lost = 0;
    for (const LossMap::Cell& cell : row) {
      apart += cell.messages - cell.shared;
      lost += cell.own + cell.partly_shared;
    }
    if (apart > 0) seen.push_back(static_cast<double>(lost) / static_cast<double>(apart));
  }
  if (seen.size() < 2) return 0;
  constexpr int enough = 100;
  double all = 0;
  for (int i = 0; i < enough; ++i) {
    double product = 1;
    for (const double r : seen) product *= r + all * (1 - r);
    all = product;
  }
  if (all >= 1) return 0;
  return static_cast<double>(map.all.messages - map.all.lost_by_all) * all / (1 - all);
}

}  // namespace

LossMap loss_map(const std::vector<LossMap::Losses>& receivers, std::uint64_t sent,
                 std::size_t columns) {
  LossMap map;
  map.receivers.resize(receivers.size());
  if (sent == 0) return map;
  map.numbers_in_a_column = (sent + columns - 1) / columns;
  const auto needed =
      static_cast<std::size_t>((sent + map.numbers_in_a_column - 1) / map.numbers_in_a_column);
  map.columns.resize(needed);
  for (auto& row : map.receivers) row.resize(needed);

  const auto changes = changes_of(receivers, sent, map.numbers_in_a_column);
  std::vector<std::size_t> next_run(receivers.size());
  std::vector<std::size_t> concerned;
  std::vector<std::size_t> losers;
  for (std::size_t i = 0; i + 1 < changes.size(); ++i) {
    const std::uint64_t first = changes[i];
    const std::uint64_t count = changes[i + 1] - first;
    const auto column = static_cast<std::size_t>(first / map.numbers_in_a_column);
    concerned.clear();
    losers.clear();
    for (std::size_t r = 0; r < receivers.size(); ++r) {
      const LossMap::Losses& of = receivers[r];
      if (first < of.from || first >= of.to) continue;
      concerned.push_back(r);
      std::size_t& run = next_run[r];
      while (run < of.missing.size() && of.missing[run].end <= first) ++run;
      if (run < of.missing.size() && of.missing[run].first <= first) losers.push_back(r);
    }
    for (const std::size_t r : concerned) map.receivers[r][column].messages += count;
    const bool tells = concerned.size() >= 2;
    if (tells) map.columns[column].messages += count;
    for (const std::size_t r : losers) {
      LossMap::Cell& cell = map.receivers[r][column];
      cell.lost += count;
      if (!tells) continue;
      if (losers.size() == concerned.size()) {
        cell.shared += count;
      } else if (losers.size() == 1) {
        cell.own += count;
      } else {
        cell.partly_shared += count;
      }
    }
    if (!tells || losers.empty()) continue;
    if (losers.size() == concerned.size()) {
      map.columns[column].lost_by_all += count;
    } else if (losers.size() == 1) {
      map.columns[column].lost_by_one += count;
    } else {
      map.columns[column].lost_by_some += count;
    }
  }
  for (const LossMap::Column& column : map.columns) {
    map.all.messages += column.messages;
    map.all.lost_by_all += column.lost_by_all;
    map.all.lost_by_one += column.lost_by_one;
    map.all.lost_by_some += column.lost_by_some;
  }
  map.lost_by_all_by_chance = by_chance(map);
  return map;
}

}  // namespace netduel
