#include "netduel/measure/reordering.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <ranges>

#include <fmt/format.h>

namespace netduel {

Reordering::Reordering(const Depth& depth)
    : gaps_kept_(std::bit_ceil(std::max<std::uint64_t>(depth.gaps, 1))),
      recent_(std::bit_ceil(std::max(depth.arrivals, most_n_told_apart))),
      recent_mask_(recent_.size() - 1) {
  gaps_.reserve(static_cast<std::size_t>(gaps_kept_));
}

void Reordering::observe_disorder(const Arrival& arrival, Placement placement) {
  const std::uint64_t sequence = arrival.sequence;
  if (placement.order == Order::gap) {
    add_gap({sequence - placement.distance, sequence, arrivals_, arrival.arrived, false});
  } else if (placement.order == Order::reordered) {
    observe_reordered(arrival);
  }
}

void Reordering::observe_reordered(const Arrival& arrival) {
  ++reordered_;
  squares_of_runs_ += in_this_run_ * in_this_run_;
  in_this_run_ = 0;
  Gap* const gap = gap_of(arrival.sequence);
  if (gap == nullptr) return;
  gap->reordered = true;
  // Section 4.2: e = i - j, where j is the first arrival with a larger number.
  const std::uint64_t extent = arrivals_ - gap->arrival_index;
  extent_sum_ += extent;
  max_extent_ = std::max(max_extent_, extent);
  const std::chrono::nanoseconds late = arrival.arrived - gap->arrived;
  late_time_sum_ += static_cast<double>(late.count());
  max_late_time_ = std::max(max_late_time_, late);
  look_back(arrival.sequence, extent);
}

void Reordering::add_gap(const Gap& gap) {
  if (gaps_.size() < gaps_kept_) {
    gaps_.push_back(gap);
  } else {
    Gap& oldest = gaps_[static_cast<std::size_t>(gaps_seen_ % gaps_kept_)];
    old_discontinuities_.add(oldest);
    oldest = gap;
  }
  ++gaps_seen_;
}

/// The gap that a number was missing in, or the oldest kept; null when there never was one.
Reordering::Gap* Reordering::gap_of(std::uint64_t sequence) {
  if (gaps_.empty()) return nullptr;
  const auto nth = [this](std::uint64_t n) -> Gap& {
    return gaps_[static_cast<std::size_t>(n % gaps_kept_)];
  };
  const auto kept = std::views::iota(gaps_seen_ - gaps_.size(), gaps_seen_);
  const auto found =
      std::ranges::partition_point(kept, [&](std::uint64_t n) { return nth(n).end <= sequence; });
  Gap& gap = nth(std::min(*found, gaps_seen_ - 1));
  if (sequence < gap.first) ++extents_cut_;
  return &gap;
}

void Reordering::look_back(std::uint64_t sequence, std::uint64_t extent) {
  const std::uint64_t farthest = std::min<std::uint64_t>(extent, recent_.size());
  const std::uint64_t most_n = std::min<std::uint64_t>(farthest, most_n_told_apart);
  std::uint64_t n = 0;
  while (n < most_n && recent(arrivals_ - n - 1).sequence > sequence) ++n;
  ++exactly_n_[static_cast<std::size_t>(n)];
  if (octets_ == 0) return;
  if (farthest < extent) ++byte_offsets_cut_;
  std::uint64_t octets = 0;
  const auto add_larger = [&](std::size_t from, std::size_t to) {
    for (std::size_t at = from; at < to; ++at) {
      octets += recent_[at].sequence > sequence ? recent_[at].octets : 0;
    }
  };
  // The ring's part that is meant, which may begin near its end and go on at its start.
  const auto from = static_cast<std::size_t>((arrivals_ - farthest) & recent_mask_);
  const std::size_t to = from + static_cast<std::size_t>(farthest);
  add_larger(from, std::min(to, recent_.size()));
  add_larger(0, to - std::min(to, recent_.size()));
  byte_offset_sum_ += octets;
  max_byte_offset_ = std::max(max_byte_offset_, octets);
}

std::optional<double> Reordering::mean(double sum) const {
  if (reordered_ == 0) return std::nullopt;
  return sum / static_cast<double>(reordered_);
}

std::optional<double> Reordering::ratio() const {
  if (arrivals_ == 0) return std::nullopt;
  return static_cast<double>(reordered_) / static_cast<double>(arrivals_);
}

std::optional<std::chrono::duration<double>> Reordering::mean_late_time() const {
  if (const auto nanoseconds = mean(late_time_sum_)) {
    return std::chrono::duration<double, std::nano>(*nanoseconds);
  }
  return std::nullopt;
}

std::uint64_t Reordering::n_reordered(std::size_t n) const {
  const auto from =
      exactly_n_.begin() + static_cast<std::ptrdiff_t>(std::min(n, most_n_told_apart));
  return std::accumulate(from, exactly_n_.end(), std::uint64_t{0});
}

Reordering::Discontinuities Reordering::all_discontinuities() const {
  Discontinuities all = old_discontinuities_;
  for (std::uint64_t n = gaps_seen_ - gaps_.size(); n < gaps_seen_; ++n) {
    all.add(gaps_[static_cast<std::size_t>(n % gaps_kept_)]);
  }
  return all;
}

std::uint64_t Reordering::discontinuities() const {
  return all_discontinuities().count;
}

std::optional<double> Reordering::mean_gap() const {
  const Discontinuities all = all_discontinuities();
  if (all.distances == 0) return std::nullopt;
  return static_cast<double>(all.distance_sum) / static_cast<double>(all.distances);
}

void Reordering::merge(const Reordering& other) {
  Discontinuities all = all_discontinuities();
  const Discontinuities others = other.all_discontinuities();
  all.count += others.count;
  all.distances += others.distances;
  all.distance_sum += others.distance_sum;
  old_discontinuities_ = all;
  gaps_.clear();
  gaps_seen_ = 0;
  arrivals_ += other.arrivals_;
  octets_ += other.octets_;
  reordered_ += other.reordered_;
  extent_sum_ += other.extent_sum_;
  max_extent_ = std::max(max_extent_, other.max_extent_);
  extents_cut_ += other.extents_cut_;
  late_time_sum_ += other.late_time_sum_;
  max_late_time_ = std::max(max_late_time_, other.max_late_time_);
  byte_offset_sum_ += other.byte_offset_sum_;
  max_byte_offset_ = std::max(max_byte_offset_, other.max_byte_offset_);
  byte_offsets_cut_ += other.byte_offsets_cut_;
  for (std::size_t n = 0; n < exactly_n_.size(); ++n) exactly_n_[n] += other.exactly_n_[n];
  squares_of_runs_ += other.squares_of_runs_;
}

void Reordering::describe(Report& report) const {
  const auto figure = [&](std::string_view name, auto value, std::string_view unit = {}) {
    report.add_optional(name, reordered_ > 0 ? std::optional(value) : std::nullopt, unit);
  };
  report.add("reordered", reordered_);
  report.add_optional("reordered_ratio", ratio(), "ratio");
  report.add_optional("extent.mean", mean_extent());
  figure("extent.max", max_extent_);
  figure("late_seconds.mean", late_time_sum_ * 1e-9 / static_cast<double>(reordered_), "s");
  figure("late_seconds.max", std::chrono::duration<double>(max_late_time_).count(), "s");
  report.add_optional("byte_offset.mean", mean_byte_offset(), "octets");
  report.add_optional("byte_offset.max",
                      mean_byte_offset() ? std::optional(max_byte_offset_) : std::nullopt,
                      "octets");
  report.add("extents_cut", extents_cut_);
  report.add("byte_offsets_cut", byte_offsets_cut_);
  report.add_optional("gap.mean", mean_gap());
  figure("free_run.mean", static_cast<double>(free_runs().a) / static_cast<double>(reordered_));
  constexpr std::size_t always_told = 3;
  for (std::size_t n = 1; n <= most_n_told_apart; ++n) {
    if (n > always_told && n_reordered(n) == 0) break;
    report.add(fmt::format("n_reordering.{}", n), n_reordered(n));
  }
}

}  // namespace netduel
