#include "experiment/bufferbloat_figures.hpp"

#include <algorithm>
#include <vector>

#include "netduel/measure/histogram.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::nanoseconds;

/// What is smaller is no queue that grows, but how busy the hosts are.
constexpr auto least_growth = 5ms;

/// Sorted, of what was asked in that time and answered.
std::vector<Time> answered_between(std::span<const RoundTrip> round_trips, Time from, Time to) {
  std::vector<Time> took;
  for (const RoundTrip& one : round_trips) {
    if (one.took && one.asked >= from && one.asked < to) took.push_back(*one.took);
  }
  std::ranges::sort(took);
  return took;
}

std::optional<Time> percentile(const std::vector<Time>& sorted, double ratio) {
  if (sorted.empty()) return std::nullopt;
  return sorted[static_cast<std::size_t>(percentile_rank(ratio, sorted.size()) - 1)];
}

std::optional<Time> median_between(std::span<const RoundTrip> round_trips, Time from, Time to) {
  return percentile(answered_between(round_trips, from, to), 0.5);
}

bool is_still_growing(std::span<const RoundTrip> round_trips, Time time) {
  const auto before = median_between(round_trips, time / 2, time * 3 / 4);
  const auto last = median_between(round_trips, time * 3 / 4, time);
  return before && last && *last > *before * 11 / 10 && *last > *before + least_growth;
}

}  // namespace

std::chrono::nanoseconds settled_after(std::span<const RoundTrip> round_trips, Time shortest,
                                       Time time) {
  const auto usual = median_between(round_trips, time / 2, time);
  if (!usual) return shortest;
  const auto first = std::ranges::find_if(
      round_trips, [&](const RoundTrip& one) { return one.took && *one.took >= *usual * 9 / 10; });
  const Time settled = first == round_trips.end() ? shortest : first->asked;
  return std::clamp(settled, shortest, std::max(shortest, time * 6 / 10));
}

RoundTripFigures figures_of(const BufferbloatPhase& phase) {
  RoundTripFigures figures;
  if (phase.load) {
    figures.settling = settled_after(phase.round_trips, phase.settling, phase.time);
    figures.still_growing = is_still_growing(phase.round_trips, phase.time);
  }
  for (const RoundTrip& one : phase.round_trips) {
    if (one.asked < figures.settling) continue;
    ++figures.sent;
    ++(one.took ? figures.answered : figures.lost);
  }
  const auto took = answered_between(phase.round_trips, figures.settling, Time::max());
  if (took.empty()) return figures;
  figures.min = took.front();
  figures.p50 = percentile(took, 0.5);
  figures.p90 = percentile(took, 0.9);
  figures.p99 = percentile(took, 0.99);
  figures.max = took.back();
  return figures;
}

AddedDelay added_delay(const RoundTripFigures& loaded, const RoundTripFigures& idle,
                       std::optional<double> goodput_bits_per_second) {
  AddedDelay added;
  if (!loaded.p50 || !idle.p50) return added;
  added.p50 = *loaded.p50 - *idle.p50;
  added.p99 = *loaded.p99 - *idle.p99;
  const double seconds = std::chrono::duration<double>(std::max(*added.p50, Time(0))).count();
  const double whole = std::chrono::duration<double>(*loaded.p50).count();
  if (whole > 0) added.queue_share_ratio = seconds / whole;
  if (goodput_bits_per_second) added.buffer_octets = seconds * *goodput_bits_per_second / 8;
  return added;
}

const BufferbloatPhase* phase_of(const Bufferbloat& result, std::string_view name) {
  const auto found = std::ranges::find(result.phases, name, &BufferbloatPhase::name);
  return found == result.phases.end() ? nullptr : &*found;
}

}  // namespace netduel
