#include "netduel/measure/metrics.hpp"

namespace netduel {

void Loss::observe_disorder(Placement placement) {
  if (placement.order == Order::gap) {
    left_out_ += placement.distance;
  } else if (placement.order == Order::reordered && left_out_ > 0) {
    --left_out_;
  } else if (placement.order == Order::stale) {
    ++stale_;
  }
}

void Loss::describe(Report& report) const {
  report.add("unique", unique_);
  report.add("lost_at_least", left_out_);
  report.add("stale", stale_);
}

}  // namespace netduel
