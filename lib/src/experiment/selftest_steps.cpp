#include "experiment/selftest_steps.hpp"

#include <limits>
#include <system_error>

#include "session/processors.hpp"

namespace netduel {
namespace {

Plan plan_of(const SelftestPlan& wanted) {
  Plan plan = plan_of(wanted.spec, wanted.transport, wanted.bits_per_second, wanted.spec.seed);
  plan.burst_messages = wanted.burst_messages;
  if (wanted.logs_arrivals) plan.logged_arrivals = std::numeric_limits<std::size_t>::max();
  return plan;
}

SelftestTrial run_over_loopback(const SelftestPlan& plan, const std::stop_token& stop) {
  SelftestTrial done{LocalTrials(nullptr, processors_apart()).run(plan_of(plan), stop)};
  const Ledger& ledger = done.trial.result.ledger;
  if (ledger.sent == 0 && ledger.refused > 0) {
    throw std::system_error(std::make_error_code(std::errc::network_unreachable),
                            "send over loopback, which may be down (ip link set lo up)");
  }
  return done;
}

}  // namespace

SelftestTrial run(const SelftestPlan& plan, const std::stop_token& stop) {
  if (!plan.spec.lab) return run_over_loopback(plan, stop);
  Lab lab(*plan.spec.lab);
  if (!lab.has(plan.spec.ip_version)) {
    throw std::system_error(std::make_error_code(std::errc::address_family_not_supported),
                            "use IPv6 on an emulated path");
  }
  const Processors processors = processors_apart_with_path();
  lab.start(processors.path);
  SelftestTrial done{LocalTrials(&lab, processors).run(plan_of(plan), stop)};
  done.truth = lab.stop();
  return done;
}

Pace pace_of(const TrialResult& trial) {
  const SenderReport& sender = trial.sender;
  return {.skipped = sender.counts.skipped,
          .late_p50 = sender.lateness.percentile(0.5).value_or(std::chrono::nanoseconds{}),
          .late_p99 = sender.lateness.percentile(0.99).value_or(std::chrono::nanoseconds{}),
          .latest = sender.lateness.max().value_or(std::chrono::nanoseconds{}),
          .clock_step = sender.clock_step};
}

LabStrain strain_of(const Truth& truth) {
  return {.missed_frames = truth.a_to_b.missed_by_the_lab + truth.b_to_a.missed_by_the_lab,
          .latest = truth.a_to_b.latest,
          .trustworthy = truth.trustworthy};
}

}  // namespace netduel
