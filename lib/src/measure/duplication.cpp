#include "netduel/measure/metrics.hpp"

namespace netduel {

std::optional<double> Duplication::fraction() const {
  if (unique_ == 0) return std::nullopt;
  return static_cast<double>(duplicates_) / static_cast<double>(unique_);
}

std::optional<double> Duplication::replicated_ratio() const {
  if (unique_ == 0) return std::nullopt;
  return static_cast<double>(replicated()) / static_cast<double>(unique_);
}

void Duplication::observe_duplicate(std::uint64_t sequence) {
  ++duplicates_;
  std::uint64_t& last = replicas_[static_cast<std::size_t>(sequence % most_remembered)];
  if (last == sequence + 1) return;
  last = sequence + 1;
  ++replicated_;
}

void Duplication::merge(const Duplication& other) {
  unique_ += other.unique_;
  duplicates_ += other.duplicates_;
  replicated_ += other.replicated();
}

void Duplication::describe(Report& report) const {
  report.add("duplicates", duplicates_);
  report.add_optional("duplication_fraction", fraction(), "ratio");
  report.add_optional("replicated_ratio", replicated_ratio(), "ratio");
}

}  // namespace netduel
