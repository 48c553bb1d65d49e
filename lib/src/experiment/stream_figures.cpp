#include "experiment/stream_figures.hpp"

#include <algorithm>
#include <cstddef>
#include <future>
#include <utility>

#include "netduel/measure/delay_variation.hpp"
#include "netduel/measure/metrics.hpp"
#include "netduel/measure/sequence_window.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

/// How far back to look for each reordered message, at most and at least, and how often in all:
/// each look takes about a nanosecond, and every message may be reordered.
constexpr std::size_t deepest_arrivals = std::size_t{1} << 16;
constexpr std::size_t least_deep_arrivals = 256;
constexpr std::size_t most_looks = 2'000'000'000;
constexpr std::size_t most_gaps = std::size_t{1} << 20;

std::size_t depth_for(std::size_t rows) {
  return std::clamp(most_looks / std::max<std::size_t>(rows, 1), least_deep_arrivals,
                    deepest_arrivals);
}

/// A message that came, once.
struct Delivered {
  std::uint64_t sequence = 0;
  Time delay{};
};

/// What goes by number and not by arrival.
struct ByNumber {
  LossPeriods loss_periods;
  std::vector<Time> ipdv;
};

/// RFC 5481, section 4.1: against the message sent before, where both came. What is missing in the
/// end is lost, however late the rest came (RFC 3357).
ByNumber by_number(std::vector<Delivered> delivered, std::uint64_t first, std::uint64_t end) {
  std::ranges::sort(delivered, {}, &Delivered::sequence);
  ByNumber found{.loss_periods = LossPeriods(first), .ipdv = {}};
  found.ipdv.reserve(delivered.size());
  std::uint64_t next = first;
  Time before{};
  for (const Delivered& one : delivered) {
    const std::uint64_t missing = one.sequence - next;
    found.loss_periods.observe({.sequence = one.sequence},
                               {missing > 0 ? Order::gap : Order::in_order, missing});
    if (missing == 0 && next > first) found.ipdv.push_back(one.delay - before);
    before = one.delay;
    next = one.sequence + 1;
  }
  found.loss_periods.finish(end);
  return found;
}

/// What is known from one arrival after the other.
struct InOrderOfArrival {
  InOrderOfArrival(std::uint64_t first, std::uint64_t known, std::size_t rows)
      : first_number(first),
        span(std::min(known, widest)),
        window(first, span),
        reordering(
            Reordering::Depth{.arrivals = depth_for(rows), .gaps = std::min(rows, most_gaps)}),
        density(first) {
    delivered.reserve(rows);
  }

  void observe(const LoggedMessage& message) {
    const Arrival arrival{.sequence = message.sequence,
                          .octets = message.octets,
                          .sent = WallTime(message.sent),
                          .arrived = WallTime(message.arrived),
                          .read_at = WallTime(message.arrived)};
    const Placement placement = window.place(message.sequence);
    loss.observe(arrival, placement);
    reordering.observe(arrival, placement);
    density.observe(arrival, placement);
    throughput.observe(arrival, placement);
    intervals.observe(arrival, placement);
    if (is_unique(placement.order)) {
      const Time delay = message.arrived - message.sent;
      jitter.observe(delay);
      delivered.push_back({message.sequence, delay});
    } else if (placement.order == Order::duplicate) {
      ++duplicates;
      // The first second copy is the one that such a window sees for the first time.
      if (!copies) copies.emplace(first_number, span);
      if (is_unique(copies->place(message.sequence).order)) ++replicated;
    }
  }

  /// As wide as the log, so that nothing is too far back to tell; 128 MiB at most.
  static constexpr std::uint64_t widest = std::uint64_t{1} << 30;
  std::uint64_t first_number;
  std::uint64_t span;
  SequenceWindow window;
  std::optional<SequenceWindow> copies;
  Loss loss;
  Reordering reordering;
  ReorderDensity density;
  Throughput throughput;
  IntervalThroughput intervals;
  RtpJitter jitter;
  std::vector<Delivered> delivered;
  std::uint64_t duplicates = 0;
  std::uint64_t replicated = 0;
};

void append(std::vector<Time>& to, std::vector<Time>&& more) {
  if (to.empty()) {
    to = std::move(more);
  } else {
    to.insert(to.end(), more.begin(), more.end());
  }
}

}  // namespace

void StreamFigures::merge(StreamFigures&& other) {
  rows += other.rows;
  sent += other.sent;
  unique += other.unique;
  stale += other.stale;
  duplicates += other.duplicates;
  replicated += other.replicated;
  octets += other.octets;
  if (duration_seconds && other.duration_seconds) {
    *duration_seconds += *other.duration_seconds;
  } else {
    duration_seconds = std::nullopt;
  }
  loss_periods.merge(other.loss_periods);
  reordering.merge(other.reordering);
  density.merge(other.density);
  intervals.reset();
  jitters.insert(jitters.end(), other.jitters.begin(), other.jitters.end());
  append(delays, std::move(other.delays));
  append(pdv, std::move(other.pdv));
  append(ipdv, std::move(other.ipdv));
}

StreamFigures figures_of(std::vector<LoggedMessage> messages, std::uint64_t first,
                         std::uint64_t sent) {
  StreamFigures figures;
  figures.rows = messages.size();
  figures.sent = sent;
  const std::uint64_t last = std::ranges::max(messages, {}, &LoggedMessage::sequence).sequence;
  InOrderOfArrival arrivals(first, last - first + 1, messages.size());
  for (const LoggedMessage& one : messages) {
    if (!one.lost) arrivals.observe(one);
  }
  messages = {};
  arrivals.density.finish(first + sent);
  figures.delays.reserve(arrivals.delivered.size());
  for (const Delivered& one : arrivals.delivered) figures.delays.push_back(one.delay);
  auto sorted =
      std::async(std::launch::async, by_number, std::move(arrivals.delivered), first, first + sent);
  figures.unique = arrivals.loss.unique();
  figures.stale = arrivals.loss.stale();
  figures.duplicates = arrivals.duplicates;
  figures.replicated = arrivals.replicated;
  figures.octets = arrivals.throughput.unique_octets();
  const auto duration = arrivals.throughput.duration();
  figures.duration_seconds = duration.count() < 0
                                 ? std::nullopt
                                 : std::optional(std::chrono::duration<double>(duration).count());
  figures.reordering = std::move(arrivals.reordering);
  figures.density = std::move(arrivals.density);
  figures.intervals = std::move(arrivals.intervals);
  if (const auto jitter = arrivals.jitter.value()) figures.jitters.push_back(jitter->count());
  if (!figures.delays.empty()) {
    const Time smallest = *std::ranges::min_element(figures.delays);
    figures.pdv.reserve(figures.delays.size());
    for (const Time delay : figures.delays) figures.pdv.push_back(delay - smallest);
  }
  ByNumber found = sorted.get();
  figures.loss_periods = std::move(found.loss_periods);
  figures.ipdv = std::move(found.ipdv);
  return figures;
}

}  // namespace netduel
