#include "netduel/measure/clock_offset.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

// Let F(t) be what the far clock shows when the near one shows t, and offset(t) = F(t) - t. A
// message takes time and clocks go forward, so with T1 to T4 of RFC 5905, section 8:
//
//     F(T1) <= T2    thus    offset(T1) <= T2 - T1      the way out took the rest
//     F(T4) >= T3    thus    offset(T4) >= T3 - T4      the way back did
//
// Two clocks of constant rates have an offset of offset + skew * t. The exchanges leave a set of
// such lines: those below all points of the first kind and above all of the second, within 500 ppm.
// These are the constraints of the linear programme of Moon, Skelly and Towsley ("Estimation and
// Removal of Clock Skew from Network Delay Measurements", INFOCOM 1999), from both directions at
// once, which gives the offset a lower and an upper limit where they had only a skew. It is a
// convex polygon in the plane of (offset, skew), here cut out one exchange after the other, and at
// any time the extremes of the offset are those of its corners. A queue moves a point away from the
// lines, so that it says less and misleads nobody. If there is no such line, clocks didn't go on as
// they had.

namespace netduel {
namespace {

using std::chrono::nanoseconds;

struct Line {
  double offset;  ///< nanoseconds, at the reference
  double skew;

  double at(double time) const { return offset + skew * time; }
};
using Polygon = std::vector<Line>;

/// A point that lines have to pass on one side: `sign` 1 below, -1 above.
struct Limit {
  double time;
  double offset;
  double sign;

  double room(const Line& line) const { return sign * (offset - line.at(time)); }
};

/// A time that was cut to whole nanoseconds is early by up to one.
constexpr double resolution = 1;

/// Keeps the sums of the differences of two pairs of times within 64 bits.
bool can_be(const ClockExchange& exchange) {
  const auto within = [](WallTime time) {
    return time >= WallTime{} && time.time_since_epoch().count() < std::int64_t{1} << 62;
  };
  return within(exchange.asked) && within(exchange.received) && within(exchange.answered) &&
         within(exchange.came_back);
}

bool went_backwards(const ClockExchange& exchange) {
  return exchange.came_back < exchange.asked || exchange.answered < exchange.received;
}

double count(nanoseconds time) {
  return static_cast<double>(time.count());
}

nanoseconds rounded_up(double time) {
  return nanoseconds{static_cast<std::int64_t>(std::ceil(time))};
}

/// Offsets against `known`, so that hours don't cost digits.
std::vector<Limit> limits_of(std::span<const ClockExchange> exchanges, const ClockOffset& known) {
  std::vector<Limit> limits;
  limits.reserve(2 * exchanges.size());
  for (const ClockExchange& exchange : exchanges) {
    const nanoseconds above = (exchange.received - exchange.asked) - known.offset;
    const nanoseconds below = (exchange.answered - exchange.came_back) - known.offset;
    limits.push_back({count(exchange.asked - known.reference), count(above) + resolution, 1});
    limits.push_back({count(exchange.came_back - known.reference), count(below) - resolution, -1});
  }
  return limits;
}

/// All lines within 500 ppm that the limits leave at the reference, one by one. Empty when none.
Polygon all_lines(const std::vector<Limit>& limits) {
  double low = -HUGE_VAL;
  double high = HUGE_VAL;
  for (const Limit& limit : limits) {
    const double drift = most_clock_skew * std::abs(limit.time);
    if (limit.sign > 0) {
      high = std::min(high, limit.offset + drift);
    } else {
      low = std::max(low, limit.offset - drift);
    }
  }
  if (low > high) return {};
  return {{low, -most_clock_skew},
          {high, -most_clock_skew},
          {high, most_clock_skew},
          {low, most_clock_skew}};
}

/// What the limit leaves of a convex polygon (Sutherland and Hodgman 1974).
void cut(Polygon& lines, const Limit& limit, Polygon& left) {
  left.clear();
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Line& from = lines[i];
    const Line& to = lines[(i + 1) % lines.size()];
    const double room_from = limit.room(from);
    const double room_to = limit.room(to);
    if (room_from >= 0) left.push_back(from);
    if ((room_from >= 0) != (room_to >= 0)) {
      const double part = room_from / (room_from - room_to);
      left.push_back({from.offset + part * (to.offset - from.offset),
                      from.skew + part * (to.skew - from.skew)});
    }
  }
  std::swap(lines, left);
}

Polygon lines_within(const std::vector<Limit>& limits) {
  Polygon lines = all_lines(limits);
  Polygon left;
  for (const Limit& limit : limits) {
    if (lines.empty()) break;
    cut(lines, limit, left);
  }
  return lines;
}

struct Range {
  double low;
  double high;

  double middle() const { return (low + high) / 2; }
  double furthest_from(double value) const { return std::max(high - value, value - low); }
};

template <class Figure>
Range range_of(const Polygon& lines, Figure figure) {
  Range range{HUGE_VAL, -HUGE_VAL};
  for (const Line& line : lines) {
    range.low = std::min(range.low, figure(line));
    range.high = std::max(range.high, figure(line));
  }
  return range;
}

/// The line through the middles of what is possible first and last. Any other one differs from it
/// by a line, so by most at one of the ends, where none could do better.
void choose(ClockOffset& result, const Polygon& lines) {
  const double first = count(result.first - result.reference);
  const double last = count(result.last - result.reference);
  const Range begin = range_of(lines, [&](const Line& line) { return line.at(first); });
  const Range end = range_of(lines, [&](const Line& line) { return line.at(last); });
  const Range skew = range_of(lines, [](const Line& line) { return line.skew; });
  // Flat, unless the exchanges tell a slope.
  double slope = 0;
  double offset = (std::min(begin.low, end.low) + std::max(begin.high, end.high)) / 2;
  if (skew.low > -most_clock_skew && skew.high < most_clock_skew) {
    slope = (end.middle() - begin.middle()) / (last - first);
    offset = begin.middle() - slope * first;
    result.skew = slope;
    result.skew_bound = std::max(skew.high - slope, slope - skew.low);
  }
  const Line line{offset, slope};
  const double furthest =
      std::max(begin.furthest_from(line.at(first)), end.furthest_from(line.at(last)));
  result.offset += nanoseconds{std::llround(offset)};
  // By a slope that is a little wrong far time is divided; two roundings come on top.
  result.bound = rounded_up(furthest / (1 - std::abs(slope)) + 2 * resolution);
}

}  // namespace

std::optional<ClockOffset> estimate_clock_offset(std::span<const ClockExchange> exchanges) {
  std::vector<ClockExchange> used;
  std::ranges::copy_if(exchanges, std::back_inserter(used), can_be);
  if (used.empty()) return std::nullopt;
  // A trip of less than no time is one that a clock was set in, the more the longer it is.
  const auto trip = [](const ClockExchange& one) { return std::chrono::abs(one.round_trip()); };
  const ClockExchange shortest = *std::ranges::min_element(used, {}, trip);

  ClockOffset result;
  result.first = std::ranges::min(used, {}, &ClockExchange::asked).asked;
  result.last = std::ranges::max(used, {}, &ClockExchange::came_back).came_back;
  result.reference = result.first + (result.last - result.first) / 2;
  result.offset = shortest.offset();
  result.minimum_round_trip = shortest.round_trip();
  result.exchanges = used.size();
  const bool backwards = std::ranges::any_of(used, went_backwards);
  const Polygon lines = backwards ? Polygon{} : lines_within(limits_of(used, result));
  result.stepped = lines.empty();
  if (!result.stepped) choose(result, lines);
  return result;
}

std::optional<nanoseconds> ClockOffset::bound_at(WallTime near) const {
  if (!bound) return std::nullopt;
  const nanoseconds outside = std::max({first - near, near - last, nanoseconds{0}});
  return *bound + rounded_up(count(outside) * skew_bound);
}

DelayCorrection delay_correction(const ClockOffset& assumed, const ClockOffset& known,
                                 ReceivingClock receiver, WallTime from, WallTime to) {
  // to_near by the assumed offset puts a far time late by (true - assumed) / (1 + assumed skew).
  const nanoseconds begin = known.at(from) - assumed.at(from);
  const nanoseconds end = known.at(to) - assumed.at(to);
  const nanoseconds late = begin + (end - begin) / 2;
  DelayCorrection result;
  result.shift = receiver == ReceivingClock::far_clock ? -late : late;
  if (const auto at_begin = known.bound_at(from), at_end = known.bound_at(to); at_begin && at_end) {
    const double still = count(std::max(*at_begin, *at_end)) +
                         count(std::chrono::abs(end - begin)) / 2 + 2 * resolution;
    const double slope = std::abs(assumed.skew.value_or(0));
    const double divided = (count(std::chrono::abs(late)) + still) * slope / (1 - slope);
    result.bound = rounded_up(still + divided);
  }
  return result;
}

}  // namespace netduel
