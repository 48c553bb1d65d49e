#include "delay_text.hpp"

#include <cmath>

#include <fmt/format.h>

#include "experiment/clock_correction.hpp"
#include "experiment/test_figures.hpp"
#include "netduel/base/units.hpp"

namespace netduel::tool {
namespace {

std::string in_words(std::chrono::nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

std::string percentiles(const DurationHistogram& delays) {
  const auto figure = [](std::optional<std::chrono::nanoseconds> delay) {
    return delay ? in_words(*delay) : std::string("below 0");
  };
  return fmt::format("p50 {}, p99 {}, max {}", figure(delays.percentile(0.5)),
                     figure(delays.percentile(0.99)), figure(delays.max()));
}

}  // namespace

std::string delays_text(const TestRecord& record) {
  std::string text;
  const auto [first, reverse] = directions(record);
  for (const auto& streams : {first, reverse}) {
    const auto delays = delays_of(record, streams);
    if (!delays) continue;
    const DurationHistogram& to_read = delays->delay.to_read();
    if (to_read.count() == 0 || !delays->tells(to_read)) continue;
    text +=
        fmt::format("Delay {} the server, from due to read: {}",
                    record.streams[streams.front()].sends ? "to" : "from", percentiles(to_read));
    if (!one_clock(record)) text += " ± " + in_words(*delays->bound);
    text += '\n';
  }
  return text;
}

std::string clock_text(const TestRecord& record) {
  if (!record.clock) return {};
  const ClockOffset& known = record.clock->known;
  std::string text =
      fmt::format("Clocks: the server's is {} {} ours", in_words(std::chrono::abs(known.offset)),
                  known.offset.count() < 0 ? "behind" : "ahead of");
  if (known.bound) text += " ± " + in_words(*known.bound);
  if (known.skew) text += fmt::format(", skew {:.3g} ppm", 1e6 * *known.skew);
  if (known.stepped) text += ", and one of them was set";
  return text + fmt::format("; {} exchanges, shortest round trip {}\n",
                            format_count(known.exchanges), in_words(known.minimum_round_trip));
}

}  // namespace netduel::tool
