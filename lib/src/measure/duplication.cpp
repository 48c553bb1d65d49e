#include "netduel/measure/metrics.hpp"

namespace netduel {

std::optional<double> Duplication::fraction() const {
  if (unique_ == 0) return std::nullopt;
  return static_cast<double>(duplicates_) / static_cast<double>(unique_);
}

void Duplication::describe(Report& report) const {
  report.add("duplicates", duplicates_);
  report.add_optional("duplication_fraction", fraction());
}

}  // namespace netduel
