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
  // What each lost without the others, by the messages that did not perish before they parted.
  const std::uint64_t apart = map.all.messages - map.all.lost_by_all;
  double by_chance = apart > 0 ? static_cast<double>(map.all.messages) : 0;
  for (const auto& row : map.receivers) {
    std::uint64_t own = 0;
    for (const LossMap::Cell& cell : row) own += cell.own + cell.partly_shared;
    by_chance *= apart > 0 ? static_cast<double>(own) / static_cast<double>(apart) : 0;
  }
  map.lost_by_all_by_chance = by_chance;
  return map;
}

}  // namespace netduel
