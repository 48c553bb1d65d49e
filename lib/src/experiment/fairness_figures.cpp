#include "experiment/fairness_figures.hpp"

#include <algorithm>

#include "base/seconds.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/measure/statistics.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

std::optional<double> rate(std::uint64_t octets, double time) {
  if (time <= 0) return std::nullopt;
  return 8 * static_cast<double>(octets) / time;
}

std::uint64_t rise(std::uint64_t before, std::uint64_t now) {
  return now - std::min(before, now);
}

void add(FlowProgress& sum, const FlowProgress& more) {
  sum.octets += more.octets;
  sum.messages += more.messages;
  sum.lost += more.lost;
  if (more.retransmitted_segments) {
    sum.retransmitted_segments =
        sum.retransmitted_segments.value_or(0) + *more.retransmitted_segments;
  }
}

void add_queue(PhaseFigures& figures, const std::vector<double>& samples) {
  if (samples.empty()) return;
  figures.queue_median_seconds = median(samples);
  figures.queue_largest_seconds = std::ranges::max(samples);
  const auto busy = std::ranges::count_if(samples, [](double wait) { return wait > 0; });
  figures.busy_ratio = static_cast<double>(busy) / static_cast<double>(samples.size());
}

void add_shares(PhaseFigures& figures) {
  std::vector<double> goodputs;
  double sum = 0;
  for (const PhaseFlow& one : figures.flows) {
    if (!one.goodput) return;
    goodputs.push_back(*one.goodput);
    sum += *one.goodput;
  }
  figures.jain_index = jain_index(goodputs);
  if (sum <= 0) return;
  for (PhaseFlow& one : figures.flows) one.share = *one.goodput / sum;
}

}  // namespace

std::string_view name_of(FairnessPhase phase) {
  switch (phase) {
    case FairnessPhase::tcp_alone:
      return "tcp_alone";
    case FairnessPhase::udp_joins:
      return "udp_joins";
    case FairnessPhase::udp_leaves:
      break;
  }
  return "udp_leaves";
}

bool takes_part(Transport transport, FairnessPhase phase) {
  return transport == Transport::tcp || phase == FairnessPhase::udp_joins;
}

std::vector<FairnessStop> stops(const FairnessTimes& times) {
  std::vector<FairnessStop> all;
  Time start{};
  for (const FairnessPhase phase : fairness_phases) {
    const auto cut = [&](Time from, Time to, bool settling) {
      for (Time at = from; at < to;) {
        at = std::min(at + times.interval, to);
        all.push_back({start + at, phase, settling});
      }
    };
    cut({}, times.settling, true);
    cut(times.settling, times.phase, false);
    start += times.phase;
  }
  return all;
}

FlowProgress since(const FlowProgress& before, const FlowProgress& now) {
  FlowProgress difference{.octets = rise(before.octets, now.octets),
                          .messages = rise(before.messages, now.messages),
                          .lost = rise(before.lost, now.lost),
                          .retransmitted_segments = {}};
  if (now.retransmitted_segments) {
    difference.retransmitted_segments =
        rise(before.retransmitted_segments.value_or(0), *now.retransmitted_segments);
  }
  return difference;
}

std::optional<double> FairnessInterval::goodput(std::size_t flow) const {
  return rate(flows[flow].octets, seconds());
}

PhaseFigures figures_of(FairnessPhase phase, std::span<const FairnessInterval> intervals,
                        std::span<const Transport> flows) {
  PhaseFigures figures{.phase = phase};
  std::vector<FlowProgress> sums(flows.size());
  std::vector<double> samples;
  for (const FairnessInterval& interval : intervals) {
    if (interval.phase != phase || interval.settling) continue;
    figures.seconds += interval.seconds();
    for (std::size_t i = 0; i < flows.size(); ++i) add(sums[i], interval.flows[i]);
    for (const Time wait : interval.queue) samples.push_back(seconds(wait));
  }
  for (std::size_t i = 0; i < flows.size(); ++i) {
    if (!takes_part(flows[i], phase)) continue;
    figures.flows.push_back({.flow = i,
                             .goodput = rate(sums[i].octets, figures.seconds),

                             .retransmitted_segments = sums[i].retransmitted_segments});
  }
  add_shares(figures);
  add_queue(figures, samples);
  return figures;
}

std::optional<double> goodput_of(Transport transport, const PhaseFigures& figures,
                                 std::span<const Transport> flows) {
  std::optional<double> sum;
  for (const PhaseFlow& one : figures.flows) {
    if (flows[one.flow] == transport && one.goodput) sum = sum.value_or(0) + *one.goodput;
  }
  return sum;
}

std::optional<double> queue_seconds(const FairnessInterval& interval) {
  std::vector<double> samples;
  for (const Time wait : interval.queue) samples.push_back(seconds(wait));
  return median(samples);
}

}  // namespace netduel
