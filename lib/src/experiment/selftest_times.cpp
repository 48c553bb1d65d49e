#include <algorithm>
#include <chrono>
#include <span>

#include <fmt/format.h>

#include "experiment/selftest_steps.hpp"
#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// A bottleneck counts IP octets.
constexpr std::size_t headers_octets = ipv4_header_octets + udp_header_octets;

std::chrono::nanoseconds or_none(const std::optional<std::chrono::nanoseconds>& time) {
  return time.value_or(std::chrono::nanoseconds{});
}

/// From the first arrival's stamp to the last one's.
std::chrono::nanoseconds span_of(std::span<const Arrival> arrivals) {
  if (arrivals.empty()) return {};
  return arrivals.back().arrived - arrivals.front().arrived;
}

/// So many messages by that time; absent where there are too few to speak of a rate.
std::optional<double> rate_of(std::uint64_t messages, std::size_t octets,
                              std::chrono::nanoseconds span) {
  constexpr std::uint64_t fewest = 50;
  if (messages < fewest || span <= 0ns) return std::nullopt;
  return 8.0 * static_cast<double>(messages * octets) / std::chrono::duration<double>(span).count();
}

Judgement try_stamping(std::uint64_t seed, const std::stop_token& stop) {
  SelftestPlan plan;
  plan.spec.time = 500ms;
  plan.spec.message_octets = 200;
  plan.spec.seed = seed;
  plan.bits_per_second = 1000 * 8 * 200;
  plan.logs_arrivals = true;
  const TrialResult result = run(plan, stop).trial.result;
  StampEvidence seen{.by_kernel = result.receiver.stamped_by_kernel,
                     .by_application = result.receiver.stamped_by_application,
                     .clock_step = result.sender.clock_step};
  DurationHistogram waits;
  for (const Arrival& arrival : result.receiver.arrivals) {
    waits.record(arrival.read_at - arrival.arrived);
    if (arrival.arrived < arrival.sent) ++seen.before_sent;
    if (arrival.read_at < arrival.arrived) ++seen.after_read;
  }
  seen.p50 = or_none(waits.percentile(0.5));
  seen.p99 = or_none(waits.percentile(0.99));
  return judge(seen);
}

Judgement try_pacing(double rate, std::size_t octets, std::uint64_t seed,
                     const std::stop_token& stop) {
  SelftestPlan plan;
  plan.spec.time = 600ms;
  plan.spec.message_octets = octets;
  plan.spec.seed = seed;
  plan.bits_per_second = rate;
  plan.logs_arrivals = true;
  const TrialResult result = run(plan, stop).trial.result;
  PacingEvidence seen{.asked_bits_per_second = rate,
                      .span = span_of(result.receiver.arrivals),
                      .sent = result.ledger.sent,
                      .due = result.plan.messages_per_second() *
                             std::chrono::duration<double>(result.plan.time).count(),
                      .accounted = result.ledger.offered + result.ledger.skipped,
                      .pace = pace_of(result)};
  if (!result.receiver.arrivals.empty()) {
    // By their numbers, so that what is lost on the way doesn't slow the sender down.
    const std::uint64_t between =
        result.receiver.arrivals.back().sequence - result.receiver.arrivals.front().sequence;
    seen.achieved_bits_per_second = rate_of(between, octets, seen.span);
  }
  return judge(seen);
}

Judgement try_lab_rate(std::uint64_t seed, const std::stop_token& stop) {
  constexpr double rate = 20e6;
  constexpr std::uint64_t queue_nanoseconds = 200'000'000;
  constexpr double too_much = 1.5;
  SelftestPlan plan;
  plan.spec.time = 1s;
  plan.spec.seed = seed;
  plan.spec.lab.emplace();
  plan.spec.lab->a_to_b.bottleneck_bits_per_second = rate;
  // Long enough to last while the sender has no processor.
  plan.spec.lab->a_to_b.queue = QueueLength{QueueLength::Unit::time, queue_nanoseconds};
  plan.spec.lab->seed = seed;
  plan.bits_per_second = too_much * rate;
  plan.logs_arrivals = true;
  const SelftestTrial done = run(plan, stop);
  const TrialResult& result = done.trial.result;
  const std::vector<Arrival>& arrivals = result.receiver.arrivals;
  LabRateEvidence seen{
      .rate_bits_per_second = rate,
      .span = span_of(arrivals),
      .sent = result.ledger.sent,
      .dropped_by_queue = done.trial.link ? done.trial.link->there.dropped_queue : 0,
      .lost_in_host = result.ledger.lost_in_host.value_or(Bounds{}).high,
      .pace = pace_of(result),
      .strain = strain_of(*done.truth)};
  if (!arrivals.empty()) {
    seen.delivered_bits_per_second =
        rate_of(arrivals.size() - 1, result.plan.message_octets + headers_octets, seen.span);
  }
  return judge(seen);
}

Judgement try_lab_delay(std::uint64_t seed, const std::stop_token& stop) {
  constexpr auto delay = 10ms;
  SelftestPlan plan;
  plan.spec.time = 500ms;
  plan.spec.message_octets = 200;
  plan.spec.seed = seed;
  plan.spec.lab.emplace();
  plan.spec.lab->a_to_b.delay = delay;
  plan.spec.lab->seed = seed;
  plan.bits_per_second = 1000 * 8 * 200;
  const SelftestTrial done = run(plan, stop);
  const TrialResult& result = done.trial.result;
  const DurationHistogram& delays = result.delay().to_arrival();
  return judge(LabDelayEvidence{.asked = delay,
                                .arrivals = delays.count(),
                                .least = or_none(delays.min()),
                                .p50 = or_none(delays.percentile(0.5)),
                                .p99 = or_none(delays.percentile(0.99)),
                                .pace = pace_of(result),
                                .strain = strain_of(*done.truth)});
}

/// A figure with a unit as part of an id: 1m, 50m, 500m.
struct PacedRate {
  const char* id;
  double bits_per_second;
  /// At low rates short ones, as long ones would be too few to tell a rate by.
  std::size_t message_octets;
};
constexpr PacedRate paced_rates[] = {{"1m", 1e6, 100}, {"50m", 50e6, 1448}, {"500m", 500e6, 1448}};

}  // namespace

void add_time_steps(std::vector<SelftestStep>& steps) {
  steps.push_back({.id = "stamping",
                   .name = "arrivals are stamped by the kernel, behind sending and before reading",
                   .try_once = try_stamping});
  for (const PacedRate& rate : paced_rates) {
    steps.push_back(
        {.id = fmt::format("pacing_{}", rate.id),
         .name = fmt::format("the sender keeps to {}", format_bit_rate(rate.bits_per_second)),
         .try_once = [rate](std::uint64_t seed, const std::stop_token& stop) {
           return try_pacing(rate.bits_per_second, rate.message_octets, seed, stop);
         }});
  }
  steps.push_back({.id = "lab_rate",
                   .name = "an emulated bottleneck keeps to its rate of 20 Mbit/s",
                   .needs_lab = true,
                   .try_once = try_lab_rate});
  steps.push_back({.id = "lab_delay",
                   .name = "an emulated path takes the time that it was asked for",
                   .needs_lab = true,
                   .try_once = try_lab_delay});
}

}  // namespace netduel
