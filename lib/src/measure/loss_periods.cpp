#include "netduel/measure/loss_periods.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace netduel {
namespace {

double ratio_of(std::uint64_t part, std::uint64_t whole) {
  return static_cast<double>(part) / static_cast<double>(whole);
}

}  // namespace

LossPeriods::LossPeriods(std::uint64_t first) : next_(first) {
  open_.reserve(most_open);
}

void LossPeriods::observe_disorder(std::uint64_t sequence, Placement placement) {
  if (placement.order == Order::reordered) {
    fill(sequence);
    return;
  }
  make_room();
  open_.push_back({sequence - placement.distance, sequence});
}

/// The oldest half, so that it seldom happens.
void LossPeriods::make_room() {
  if (open_.size() < most_open) return;
  const auto middle = open_.begin() + most_open / 2;
  std::for_each(open_.begin(), middle, [this](const Run& run) { close(run); });
  open_.erase(open_.begin(), middle);
}

void LossPeriods::fill(std::uint64_t sequence) {
  const auto run = std::partition_point(open_.begin(), open_.end(),
                                        [&](const Run& one) { return one.end <= sequence; });
  if (run == open_.end() || sequence < run->first) {
    ++late_;
    return;
  }
  const Run before{run->first, sequence};
  const Run after{sequence + 1, run->end};
  if (before.first == before.end && after.first == after.end) {
    open_.erase(run);
  } else if (before.first == before.end) {
    *run = after;
  } else if (after.first == after.end) {
    *run = before;
  } else {
    *run = after;
    const auto at = run - open_.begin();
    if (open_.size() < most_open) {
      open_.insert(open_.begin() + at, before);
      return;
    }
    // The oldest runs go, this one perhaps among them.
    open_[static_cast<std::size_t>(at)] = {before.first, after.end};
    make_room();
    fill(sequence);
  }
}

void LossPeriods::close(const Run& run) {
  const std::uint64_t length = run.end - run.first;
  ++periods_;
  lost_ += length;
  longest_ = std::max(longest_, length);
  ++lengths_[static_cast<std::size_t>(std::min<std::uint64_t>(length, most_told_apart)) - 1];
  if (last_lost_) {
    const std::uint64_t distance = run.first - *last_lost_;
    ++inter_periods_;
    inter_period_sum_ += distance;
    ++distances_[static_cast<std::size_t>(std::min<std::uint64_t>(distance, most_told_apart)) - 1];
  }
  distances_[0] += length - 1;
  last_lost_ = run.end - 1;
}

void LossPeriods::finish(std::uint64_t end) {
  if (end > next_) {
    make_room();
    open_.push_back({next_, end});
    next_ = end;
  }
  for (const Run& run : open_) close(run);
  open_.clear();
}

void LossPeriods::merge(const LossPeriods& other) {
  unique_ += other.unique_;
  lost_ += other.lost_;
  periods_ += other.periods_;
  longest_ = std::max(longest_, other.longest_);
  late_ += other.late_;
  inter_periods_ += other.inter_periods_;
  inter_period_sum_ += other.inter_period_sum_;
  for (std::size_t n = 0; n < most_told_apart; ++n) {
    lengths_[n] += other.lengths_[n];
    distances_[n] += other.distances_[n];
  }
}

std::optional<double> LossPeriods::mean_length() const {
  if (periods_ == 0) return std::nullopt;
  return ratio_of(lost_, periods_);
}

std::optional<double> LossPeriods::mean_inter_period() const {
  if (inter_periods_ == 0) return std::nullopt;
  return ratio_of(inter_period_sum_, inter_periods_);
}

std::optional<double> LossPeriods::noticeable_ratio(std::uint64_t distance) const {
  if (lost_ == 0) return std::nullopt;
  std::uint64_t near = 0;
  for (std::size_t n = 0; n < std::min<std::uint64_t>(distance, most_told_apart - 1); ++n) {
    near += distances_[n];
  }
  return ratio_of(near, lost_);
}

std::optional<LossPeriods::Gilbert> LossPeriods::gilbert() const {
  if (lost_ == 0 || unique_ == 0) return std::nullopt;
  return Gilbert{.good_to_bad = std::min(1.0, ratio_of(periods_, unique_)),
                 .bad_to_good = ratio_of(periods_, lost_)};
}

void LossPeriods::describe(Report& report) const {
  const Report::Scope scope(report, "loss_periods");
  report.add("count", periods_);
  report.add_optional("mean_length", mean_length());
  report.add("longest", longest_);
  report.add_optional("mean_distance", mean_inter_period());
  report.add_optional("noticeable_ratio", noticeable_ratio(), "ratio");
  std::size_t row = 0;
  for (std::size_t n = 0; n < most_told_apart; ++n) {
    if (lengths_[n] == 0) continue;
    const Report::Scope one(report, fmt::format("lengths[{}]", row++));
    report.add("length", std::uint64_t{n + 1});
    report.add("count", lengths_[n]);
  }
  if (row == 0) report.add("lengths", EmptyList{});
  const auto fit = gilbert();
  report.add_optional("gilbert.good_to_bad", fit ? std::optional(fit->good_to_bad) : std::nullopt,
                      "ratio");
  report.add_optional("gilbert.bad_to_good", fit ? std::optional(fit->bad_to_good) : std::nullopt,
                      "ratio");
}

}  // namespace netduel
