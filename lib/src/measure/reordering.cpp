#include <algorithm>
#include <ranges>

#include "netduel/measure/metrics.hpp"

namespace netduel {

void Reordering::observe_disorder(std::uint64_t sequence, Placement placement) {
  if (placement.order == Order::gap) {
    add_gap({sequence - placement.distance, sequence, arrivals_});
  } else if (placement.order == Order::reordered) {
    const std::uint64_t extent = extent_of(sequence);
    ++reordered_;
    extent_sum_ += extent;
    max_extent_ = std::max(max_extent_, extent);
  }
}

void Reordering::add_gap(const Gap& gap) {
  if (gaps_.size() < gaps_kept) {
    gaps_.push_back(gap);
  } else {
    gaps_[static_cast<std::size_t>(gaps_seen_ % gaps_kept)] = gap;
  }
  ++gaps_seen_;
}

/// RFC 4737, section 4.2: e = i - j, where j is the first arrival with a larger number.
std::uint64_t Reordering::extent_of(std::uint64_t sequence) {
  if (gaps_.empty()) return 0;
  const auto nth = [this](std::uint64_t n) -> const Gap& {
    return gaps_[static_cast<std::size_t>(n % gaps_kept)];
  };
  const std::uint64_t oldest = gaps_seen_ - gaps_.size();
  const auto kept = std::views::iota(oldest, gaps_seen_);
  const auto found =
      std::ranges::partition_point(kept, [&](std::uint64_t n) { return nth(n).end <= sequence; });
  const std::uint64_t n = std::min(*found, gaps_seen_ - 1);
  if (sequence < nth(n).first) ++extents_cut_;
  return arrivals_ - nth(n).arrival_index;
}

std::optional<double> Reordering::ratio() const {
  if (arrivals_ == 0) return std::nullopt;
  return static_cast<double>(reordered_) / static_cast<double>(arrivals_);
}

std::optional<double> Reordering::mean_extent() const {
  if (reordered_ == 0) return std::nullopt;
  return static_cast<double>(extent_sum_) / static_cast<double>(reordered_);
}

void Reordering::describe(Report& report) const {
  report.add("reordered", reordered_);
  report.add_optional("reordered_ratio", ratio());
  const Report::Scope scope(report, "reordering_extent");
  report.add_optional("mean", mean_extent());
  if (reordered_ > 0) {
    report.add("max", max_extent_);
  } else {
    report.add("max", Absent{});
  }
}

}  // namespace netduel
