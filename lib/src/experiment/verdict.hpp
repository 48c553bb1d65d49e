#pragma once

#include <string>

#include "experiment/compare.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// UDP's figure over TCP's, pair by pair, for one part; intervals without values where a transport
/// did not run.
struct PartRatios {
  Interval goodput;
  Interval delay_p50;
  Interval delay_p99;
};
PartRatios ratios(const Comparison& comparison, Part part);

/// The same pairs' goodput with an interval by resampling: narrower than that of order statistics
/// and beside it, as it leans on few pairs. The comparison's seed draws.
Interval goodput_bootstrap(const Comparison& comparison, Part part);

/// One line that claims no more than the intervals allow: a difference only where the interval
/// excludes 1 and exceeds the practical threshold, 5 % for goodput and 10 % for delay.
std::string verdict(const Comparison& comparison);

}  // namespace netduel
