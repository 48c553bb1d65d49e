#pragma once

#include <optional>
#include <span>

#include "netduel/base/report.hpp"

namespace netduel {

/// A straight line through points, by least squares.
struct Line {
  double intercept = 0;
  /// With its 95 % interval (Student's t, two degrees of freedom fewer than points): for points
  /// that scatter about the line independently and alike. `median` is the slope itself. No interval
  /// with two points, which every line goes through.
  Interval slope;

  double at(double x) const { return intercept + *slope.median * x; }
};

/// Of `ys` over `xs`, which are as many. nullopt when fewer than two of `xs` differ. Pure.
std::optional<Line> fit_line(std::span<const double> xs, std::span<const double> ys);

}  // namespace netduel
