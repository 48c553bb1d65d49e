#include "netduel/measure/reorder_density.hpp"

#include <algorithm>
#include <functional>

#include <fmt/format.h>

namespace netduel {

ReorderDensity::ReorderDensity(std::uint64_t first, std::size_t threshold)
    : threshold_(threshold),
      ahead_(threshold + 1),
      index_(first),
      expected_(first),
      displaced_(2 * threshold + 1),
      occupied_(threshold + 1) {
  early_.reserve(threshold + 1);
  held_.reserve(threshold + 1);
}

/// The smallest number from `number` on that is among those ahead, or those that were early.
std::uint64_t ReorderDensity::next_of(std::uint64_t number,
                                      const std::vector<std::uint64_t>& early) const {
  std::uint64_t smallest = UINT64_MAX;
  const auto look_at = [&](std::uint64_t one) {
    if (one >= number) smallest = std::min(smallest, one);
  };
  for (std::uint64_t n = done_; n < seen_ && smallest != number; ++n) {
    look_at(ahead_[static_cast<std::size_t>(n % ahead_.size())]);
  }
  std::ranges::for_each(early, look_at);
  return smallest == UINT64_MAX ? number : smallest;
}

void ReorderDensity::take_one() {
  const std::uint64_t sequence = ahead_[static_cast<std::size_t>(done_ % ahead_.size())];
  if (sequence != index_) index_ = next_of(index_, early_);
  const bool too_late = index_ > sequence && index_ - sequence > threshold_;
  if (!too_late) {
    displace(sequence);
    occupy(sequence);
    ++counted_;
  }
  ++done_;
}

void ReorderDensity::displace(std::uint64_t sequence) {
  const auto furthest = static_cast<std::int64_t>(threshold_);
  const auto displacement = static_cast<std::int64_t>(index_ - sequence);
  ++displaced_[static_cast<std::size_t>(std::max(displacement, -furthest) + furthest)];
  if (sequence > index_) early_.push_back(sequence);
  std::erase(early_, index_);
  ++index_;
}

void ReorderDensity::occupy(std::uint64_t sequence) {
  if (sequence >= expected_) held_.push_back(sequence);
  // What was taken before its turn has left the arrivals ahead by now, so look at both.
  for (;;) {
    if (expected_ != sequence) expected_ = next_of(expected_, held_);
    const auto found = std::ranges::find(held_, expected_);
    if (found == held_.end()) break;
    held_.erase(found);
    ++expected_;
  }
  ++occupied_[std::min(held_.size(), threshold_)];
}

void ReorderDensity::finish(std::uint64_t) {
  while (done_ < seen_) take_one();
}

void ReorderDensity::merge(const ReorderDensity& other) {
  const auto add = [](std::vector<std::uint64_t>& to, const std::vector<std::uint64_t>& more) {
    std::ranges::transform(to, more, to.begin(), std::plus());
  };
  add(displaced_, other.displaced_);
  add(occupied_, other.occupied_);
  counted_ += other.counted_;
}

std::uint64_t ReorderDensity::displaced_by(std::int64_t displacement) const {
  return displaced_[static_cast<std::size_t>(displacement + static_cast<std::int64_t>(threshold_))];
}

void ReorderDensity::describe(Report& report) const {
  const auto ratio = [this](std::uint64_t count) {
    return static_cast<double>(count) / static_cast<double>(counted_);
  };
  const Report::Scope scope(report, "reorder_density");
  report.add("threshold", std::uint64_t{threshold_});
  const auto furthest = static_cast<std::int64_t>(threshold_);
  std::size_t row = 0;
  for (std::int64_t by = -furthest; by <= furthest; ++by) {
    if (displaced_by(by) == 0) continue;
    const Report::Scope one(report, fmt::format("displacements[{}]", row++));
    report.add("displacement", static_cast<double>(by));
    report.add("ratio", ratio(displaced_by(by)), "ratio");
  }
  if (row == 0) report.add("displacements", EmptyList{});
  row = 0;
  for (std::size_t messages = 0; messages <= threshold_; ++messages) {
    if (occupied_[messages] == 0) continue;
    const Report::Scope one(report, fmt::format("occupancies[{}]", row++));
    report.add("messages", std::uint64_t{messages});
    report.add("ratio", ratio(occupied_[messages]), "ratio");
  }
  if (row == 0) report.add("occupancies", EmptyList{});
}

}  // namespace netduel
