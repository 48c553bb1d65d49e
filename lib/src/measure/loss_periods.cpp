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
  three_in_a_row_ += std::max<std::uint64_t>(length, 2) - 2;
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
  three_in_a_row_ += other.three_in_a_row_;
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

std::optional<LossPeriods::Channel> LossPeriods::gilbert() const {
  if (lost_ == 0 || unique_ == 0) return std::nullopt;
  return Channel{.good_to_bad = std::min(1.0, ratio_of(periods_, unique_)),
                 .bad_to_good = ratio_of(periods_, lost_),
                 .loss_in_bad = 1};
}

// Gilbert (1960), Capacity of a burst-noise channel, section 4: from a, b and c below.
std::optional<LossPeriods::Channel> LossPeriods::gilbert_elliott() const {
  const std::uint64_t one_between = distances_[1];
  if (lost_ == 0 || unique_ == 0 || three_in_a_row_ + one_between == 0) return std::nullopt;
  const double a = ratio_of(lost_, lost_ + unique_);
  const double b = ratio_of(lost_ - periods_, lost_);
  const double c = ratio_of(three_in_a_row_, three_in_a_row_ + one_between);
  const double stays_bad = (a * c - b * b) / (2 * a * c - b * (a + c));
  // Chance lifts a bad state that loses everything a little above that.
  constexpr double chance = 1.05;
  const double lost_in_bad = b / stays_bad;
  const double loss_in_bad = lost_in_bad <= chance ? std::min(lost_in_bad, 1.0) : lost_in_bad;
  const double bad_to_good = 1 - stays_bad;
  const double good_to_bad = a * bad_to_good / (loss_in_bad - a);
  const auto is_probability = [](double value) { return value > 0 && value <= 1; };
  if (!is_probability(stays_bad) || !is_probability(loss_in_bad) || !is_probability(bad_to_good) ||
      !is_probability(good_to_bad)) {
    return std::nullopt;
  }
  return Channel{good_to_bad, bad_to_good, loss_in_bad};
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
  const auto describe_fit = [&](std::string_view name, const std::optional<Channel>& fit,
                                bool with_loss_in_bad) {
    const Report::Scope fit_scope(report, name);
    const auto add = [&](std::string_view key, double Channel::*value) {
      report.add_optional(key, fit ? std::optional((*fit).*value) : std::nullopt, "ratio");
    };
    add("good_to_bad", &Channel::good_to_bad);
    add("bad_to_good", &Channel::bad_to_good);
    if (with_loss_in_bad) add("loss_in_bad", &Channel::loss_in_bad);
  };
  describe_fit("gilbert", gilbert(), false);
  describe_fit("gilbert_elliott", gilbert_elliott(), true);
}

}  // namespace netduel
