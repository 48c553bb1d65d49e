#include "measure/missing_runs.hpp"

#include <algorithm>

namespace netduel {

MissingRuns::MissingRuns(std::uint64_t counted_from)
    : counted_from_(counted_from), next_(counted_from) {}

void MissingRuns::observe(const Arrival& arrival, Placement placement) {
  if (!is_unique(placement.order) || arrival.sequence < counted_from_) return;
  if (arrival.sequence < next_) {
    fill(arrival.sequence);
    return;
  }
  if (arrival.sequence > next_) add(next_, arrival.sequence);
  next_ = arrival.sequence + 1;
}

void MissingRuns::finish(std::uint64_t end) {
  if (end <= next_) return;
  add(next_, end);
  next_ = end;
}

void MissingRuns::add(std::uint64_t first, std::uint64_t end) {
  if (complete_to_) return;
  if (runs_.size() == most_runs) {
    complete_to_ = first;
    return;
  }
  runs_.push_back({first, end});
}

void MissingRuns::fill(std::uint64_t sequence) {
  const auto run = std::ranges::upper_bound(runs_, sequence, {}, &Run::end);
  if (run == runs_.end() || sequence < run->first) return;
  const Run whole = *run;
  if (whole.first == sequence && whole.end == sequence + 1) {
    runs_.erase(run);
  } else if (whole.first == sequence) {
    ++run->first;
  } else {
    run->end = sequence;
    if (sequence + 1 < whole.end) runs_.insert(run + 1, {sequence + 1, whole.end});
  }
}

}  // namespace netduel
