#pragma once

#include <optional>
#include <vector>

#include "experiment/multicast_compare.hpp"
#include "experiment/warnings.hpp"
#include "netduel/base/report.hpp"

namespace netduel {

/// How a figure of a method grows with the number of receivers.
struct DeliverySlope {
  /// For each receiver more, by a line through all trials.
  Interval per_receiver;
  /// The same by what a single receiver takes: 0 where it doesn't grow, 1 where each receiver takes
  /// as much as the first. Of the trials with one receiver or, where there are none, by the line.
  Interval relative;
};

/// Median over a row's trials of a figure that each may have; absent when none has it.
std::optional<double> median_over(const DeliveryRow& row,
                                  std::optional<double> (*figure)(const DeliveryTrial&));
/// Ethernet octets on the sender's link, both ways.
std::optional<double> sender_link_octets(const DeliveryTrial& trial);
std::optional<double> sender_cpu_seconds(const DeliveryTrial& trial);

/// nullopt with fewer than two numbers of receivers, or where the figure is not known.
std::optional<DeliverySlope> slope_of(const MulticastComparison& all, DeliveryMethod method,
                                      std::optional<double> (*figure)(const DeliveryTrial&));

/// How many times what one receiver takes by the same method, by `slope_of`'s reckoning; nullopt
/// without a row of one receiver.
std::optional<double> times_one_receiver(const MulticastComparison& all, const DeliveryRow& row);

/// Rows of the document "netduel/multicast-compare/1".
Report describe(const MulticastComparison& all);
std::vector<Warning> warnings(const MulticastComparison& all);

}  // namespace netduel
