#include "experiment/sweep_warnings.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace netduel {
namespace {

constexpr std::size_t fewest_trials_for_an_interval = 6;

/// What a sweep says of itself in other words.
bool is_told_otherwise(const Warning& warning) {
  return warning.id == "too_few_pairs" || warning.id == "offered_rate_not_carried";
}

/// "loss 1%: TCP reno".
std::string place_of(const Sweep& sweep, const SweepPoint& point, const SweepRow& row) {
  return fmt::format("{} {}: {}", sweep.spec.axis.name, point.value, name_of(row.contender));
}

/// One warning, and the rows that it holds for.
struct Found {
  Warning first;
  std::vector<std::string> places;
};

class Collection {
 public:
  void add(Warning warning, std::string place) {
    const auto known = std::ranges::find_if(
        found_, [&](const Found& found) { return found.first.id == warning.id; });
    if (known == found_.end()) {
      found_.push_back({std::move(warning), {std::move(place)}});
    } else if (known->places.back() != place) {
      known->places.push_back(std::move(place));
    }
  }

  std::vector<Warning> list() const {
    constexpr std::size_t most_named = 4;
    std::vector<Warning> list;
    for (const Found& found : found_) {
      std::vector<std::string> named = found.places;
      named.resize(std::min(named.size(), most_named));
      const std::size_t others = found.places.size() - named.size();
      const std::string more = others > 0 ? fmt::format("; and {} more", others) : "";
      list.push_back({found.first.id,
                      fmt::format("{} ({}{})", found.first.text, fmt::join(named, "; "), more)});
    }
    return list;
  }

 private:
  std::vector<Found> found_;
};

void add_own(const Sweep& sweep, const SweepPoint& point, const SweepRow& row, Collection& all) {
  const auto trials = row.trials();
  const bool not_carried = std::ranges::any_of(
      trials, [](const TrialResult* trial) { return trial->sender.left_at_the_end > 0; });
  if (not_carried) {
    all.add({"offered_rate_not_carried",
             "Not all that was due could be sent before the trials ended: goodput is what the "
             "transport carried, and the delays are those of a queue in the sender that grew as "
             "long as the trial."},
            place_of(sweep, point, row));
  }
  if (row.repeated > 0) {
    all.add(
        {"trials_repeated",
         "This machine was too busy for the emulated path, the receiver or the schedule in some "
         "trials; they were left out and run again. An idle machine helps."},
        place_of(sweep, point, row));
  }
  if (row.disturbed > 0) {
    all.add({"trials_disturbed", "It was so again each time, and what is told is of such trials."},
            place_of(sweep, point, row));
  }
  if (!row.failures.empty()) {
    all.add({"trials_failed", fmt::format("Trials could not be run: {}.", row.failures.front())},
            place_of(sweep, point, row));
  }
}

void few_trials(const Sweep& sweep, std::vector<Warning>& list) {
  const auto is_short = [](const SweepRow& row) {
    return row.trials().size() < fewest_trials_for_an_interval;
  };
  const bool any = std::ranges::any_of(sweep.points, [&](const SweepPoint& point) {
    return std::ranges::any_of(point.rows, is_short);
  });
  if (!any) return;
  list.push_back(
      {"too_few_trials",
       fmt::format("Where a row has fewer than {} whole trials no interval encloses the median "
                   "goodput with 95 % confidence, so none is given. --trials {} or more helps.",
                   fewest_trials_for_an_interval, fewest_trials_for_an_interval)});
}

}  // namespace

std::vector<Warning> warnings(const Sweep& sweep) {
  std::vector<Warning> list;
  Collection rows;
  few_trials(sweep, list);
  for (const SweepPoint& point : sweep.points) {
    for (const SweepRow& row : point.rows) {
      for (Warning& warning : warnings(row.measured)) {
        if (!is_told_otherwise(warning)) rows.add(std::move(warning), place_of(sweep, point, row));
      }
      add_own(sweep, point, row, rows);
    }
    if (!point.truth) continue;
    for (Warning& warning : doubts_of(*point.truth)) {
      rows.add(std::move(warning), fmt::format("{} {}", sweep.spec.axis.name, point.value));
    }
  }
  const auto found = rows.list();
  list.insert(list.end(), found.begin(), found.end());
  return list;
}

}  // namespace netduel
