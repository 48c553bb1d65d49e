#include "experiment/clock_correction.hpp"

#include <algorithm>

#include "experiment/test_figures.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

/// Longer than a test takes. What a peer tells of its times is no nearer to the truth than that.
constexpr auto furthest = 48h;

double in_seconds(nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// How the clocks stood while the stream carried what it measured. The receiver put both of its
/// times on one clock, which is the far one where that received.
DelayCorrection correction_of(const ClockRecord& clock, const Throughput& throughput,
                              ReceivingClock receiver) {
  const auto near = [&](WallTime time) {
    const bool far = receiver == ReceivingClock::far_clock;
    return std::clamp(far ? clock.assumed.to_near(time) : time, clock.known.first - furthest,
                      clock.known.last + furthest);
  };
  const WallTime from = near(throughput.first_sent().value_or(WallTime{}));
  const WallTime to = near(throughput.last_read().value_or(WallTime{}));
  return delay_correction(clock.assumed, clock.known, receiver, std::min(from, to),
                          std::max(from, to));
}

void describe_told(const ComparedDelay& delays, const char* name,
                   const DurationHistogram& histogram, Report& report) {
  if (delays.tells(histogram)) {
    describe_percentiles(report, name, histogram);
  } else {
    report.add(name, Absent{}, "s");
  }
}

}  // namespace

bool ComparedDelay::tells(const DurationHistogram& delays) const {
  if (bound == 0ns) return true;
  const auto median = delays.percentile(0.5);
  return bound && median && *bound < *median;
}

void ComparedDelay::merge(const ComparedDelay& other) {
  delay.merge(other.delay);
  bound = bound && other.bound ? std::optional(std::max(*bound, *other.bound)) : std::nullopt;
}

bool one_clock(const TestRecord& record) {
  return one_host(record) && (!record.clock || record.clock->assumed.offset == 0ns);
}

std::optional<ComparedDelay> delays_of(const TestRecord& record, std::size_t stream) {
  // A stock sender's times are of a clock that starts anywhere.
  if (message_format(record.parameters) != MessageFormat::probe) return std::nullopt;
  const ReceiverReport* const receiver = receiver_report(record, stream);
  if (receiver == nullptr) return std::nullopt;
  const Delay& recorded = receiver->meter.get<Delay>();
  if (one_clock(record)) return ComparedDelay{.delay = recorded};
  if (!record.clock) return std::nullopt;
  const auto clock =
      record.streams[stream].sends ? ReceivingClock::far_clock : ReceivingClock::near_clock;
  const DelayCorrection correction =
      correction_of(*record.clock, receiver->meter.get<Throughput>(), clock);
  return ComparedDelay{.delay = recorded.shifted(correction.shift), .bound = correction.bound};
}

std::optional<ComparedDelay> delays_of(const TestRecord& record,
                                       const std::vector<std::size_t>& streams) {
  std::optional<ComparedDelay> all;
  for (const std::size_t i : streams) {
    const auto one = delays_of(record, i);
    if (!one) continue;
    if (!all) all.emplace();
    all->merge(*one);
  }
  return all;
}

void describe(const std::optional<ComparedDelay>& delays, Report& report) {
  if (delays) {
    describe_told(*delays, "delay_seconds", delays->delay.to_read(), report);
    describe_told(*delays, "arrival_delay_seconds", delays->delay.to_arrival(), report);
  } else {
    report.add("delay_seconds", Absent{}, "s");
    report.add("arrival_delay_seconds", Absent{}, "s");
  }
  const auto bound = delays ? delays->bound : std::nullopt;
  report.add_optional("delay_bound_seconds",
                      bound ? std::optional(in_seconds(*bound)) : std::nullopt, "s");
}

void describe_clock(const TestRecord& record, Report& report) {
  if (!record.clock) {
    report.add("clock", Absent{});
    return;
  }
  const ClockOffset& known = record.clock->known;
  const Report::Scope scope(report, "clock");
  report.add("offset_seconds", in_seconds(known.offset), "s");
  report.add_optional("bound_seconds",
                      known.bound ? std::optional(in_seconds(*known.bound)) : std::nullopt, "s");
  report.add_optional("skew", known.skew);
  report.add("stepped", known.stepped);
  report.add("minimum_round_trip_seconds", in_seconds(known.minimum_round_trip), "s");
  report.add("exchanges", std::uint64_t{known.exchanges});
  report.add("same_host", one_host(record));
}

}  // namespace netduel
