#include "measure/line.hpp"

#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <numeric>

#include <fmt/format.h>

namespace netduel {
namespace {

/// Student's t, two-sided 95 %, of 1 to 30 degrees of freedom.
constexpr std::array quantiles = {12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.3060,
                                  2.2622,  2.2281, 2.2010, 2.1788, 2.1604, 2.1448, 2.1314, 2.1199,
                                  2.1098,  2.1009, 2.0930, 2.0860, 2.0796, 2.0739, 2.0687, 2.0639,
                                  2.0595,  2.0555, 2.0518, 2.0484, 2.0452, 2.0423};

/// Beyond the table by its expansion about the normal distribution's, which is right to four
/// places there (Abramowitz and Stegun, 26.7.5).
double t_quantile(std::size_t freedom) {
  constexpr double z = 1.959963984540054;
  if (freedom <= quantiles.size()) return quantiles[freedom - 1];
  const auto n = static_cast<double>(freedom);
  const double z3 = z * z * z;
  const double z5 = z3 * z * z;
  return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n);
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

}  // namespace

std::optional<Line> fit_line(std::span<const double> xs, std::span<const double> ys) {
  assert(xs.size() == ys.size());
  if (xs.empty()) return std::nullopt;
  const double x_mean = mean(xs);
  const double y_mean = mean(ys);
  double spread = 0;
  double common = 0;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    spread += (xs[i] - x_mean) * (xs[i] - x_mean);
    common += (xs[i] - x_mean) * (ys[i] - y_mean);
  }
  if (spread <= 0) return std::nullopt;
  Line line;
  const double slope = common / spread;
  line.slope.median = slope;
  line.intercept = y_mean - slope * x_mean;
  if (xs.size() < 3) {
    line.slope.method = "least squares, two points: no interval";
    return line;
  }
  double rest = 0;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const double off = ys[i] - line.at(xs[i]);
    rest += off * off;
  }
  const std::size_t freedom = xs.size() - 2;
  const double half = t_quantile(freedom) * std::sqrt(rest / static_cast<double>(freedom) / spread);
  line.slope.low = slope - half;
  line.slope.high = slope + half;
  line.slope.method = fmt::format("least squares, Student's t, 95 % of {} points", xs.size());
  return line;
}

}  // namespace netduel
