#include "experiment/sweep.hpp"

#include <algorithm>
#include <random>
#include <system_error>
#include <utility>

#include "experiment/local_trials.hpp"
#include "os/stream.hpp"

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;

/// TCP's start is then a small part, and losses have their say.
constexpr auto shortest_trial = std::chrono::seconds(1);
constexpr int round_trips_in_a_trial = 25;
/// Opening sockets, connecting, closing.
constexpr auto around_a_trial = std::chrono::milliseconds(100);
constexpr int round_trips_around_a_trial = 4;
/// Of a trial that this machine disturbed.
constexpr int most_repetitions = 2;

std::vector<Contender> contenders_of(const SweepSpec& spec, const Lab& lab) {
  std::vector<Contender> contenders;
  if (spec.udp) contenders.push_back({Transport::udp});
  if (!spec.tcp) return contenders;
  auto congestions = spec.congestions;
  if (congestions.empty()) {
    congestions = os::in_network(lab.a(), os::available_congestion_controls);
    std::ranges::sort(congestions);
  }
  if (congestions.empty()) congestions = {""};
  for (std::string& name : congestions) {
    contenders.push_back({Transport::tcp, std::move(name)});
  }
  return contenders;
}

CompareSpec spec_of(CompareSpec spec, const Contender& contender) {
  spec.udp = contender.transport == Transport::udp;
  spec.tcp = !spec.udp;
  spec.congestion = contender.congestion;
  return spec;
}

void add(FlowOnLink& total, const FlowOnLink& more) {
  total.there += more.there;
  total.back += more.back;
}

class Run {
 public:
  Run(const SweepSpec& spec, std::stop_token stop,
      const std::function<void(const SweepProgress&)>& progress)
      : stop_(std::move(stop)), progress_(progress), random_(spec.seed), started_(Clock::now()) {
    sweep_.spec = spec;
    sweep_.processors = processors_apart_with_path();
  }

  Sweep run() {
    try {
      const std::size_t points = sweep_.spec.points.size();
      for (std::size_t n = 0; n < points && !stop_.stop_requested(); ++n) run_point(n);
    } catch (const std::exception& failure) {
      sweep_.error = failure.what();
    }
    sweep_.interrupted = stop_.stop_requested();
    const bool nothing = std::ranges::all_of(sweep_.points, [](const SweepPoint& point) {
      return std::ranges::all_of(point.rows,
                                 [](const SweepRow& row) { return row.measured.trials.empty(); });
    });
    if (nothing && !sweep_.error && !first_failure_.empty()) sweep_.error = first_failure_;
    return std::move(sweep_);
  }

 private:
  void run_point(std::size_t n) {
    CompareSpec spec = sweep_.spec.points[n];
    spec.time = sweep_.spec.trial_time(n);
    Lab lab(*spec.lab);
    lab.start(sweep_.processors.path);
    // Before there is a point: one without rows would be told of.
    const auto contenders = contenders_of(sweep_.spec, lab);
    SweepPoint& point = sweep_.points.emplace_back();
    point.value = sweep_.spec.axis.values[n];
    point.offered_bits_per_second = spec.bits_per_second.value_or(unmeasured_rate(spec));
    for (const Contender& contender : contenders) {
      point.rows.push_back({contender, {}});
      point.rows.back().measured.spec = spec_of(spec, contender);
      point.rows.back().measured.processors = sweep_.processors;
      point.rows.back().measured.paced_bits_per_second = point.offered_bits_per_second;
    }
    LocalTrials trials(&lab, sweep_.processors);
    for (std::size_t round = 0; round < sweep_.spec.trials; ++round) {
      run_round(n, round, point, trials);
    }
    point.truth = lab.stop();
    std::erase_if(point.rows, [](const SweepRow& row) {
      return row.measured.trials.empty() && row.failures.empty();
    });
    if (point.rows.empty()) sweep_.points.pop_back();
  }

  /// Each contender once, all with the same schedule.
  void run_round(std::size_t n, std::size_t round, SweepPoint& point, LocalTrials& trials) {
    std::vector<SweepRow*> order;
    for (SweepRow& row : point.rows) order.push_back(&row);
    std::ranges::shuffle(order, random_);
    const std::uint64_t seed = random_();
    for (SweepRow* const row : order) {
      if (stop_.stop_requested()) return;
      tell(n, point, *row);
      run_trial_of(*row, round, seed, trials);
      ++done_;
      planned_until_now_ += planned_trial(n);
    }
  }

  void run_trial_of(SweepRow& row, std::size_t round, std::uint64_t seed, LocalTrials& trials) {
    const Plan plan = plan_of(row.measured.spec, row.contender.transport,
                              row.measured.paced_bits_per_second, seed);
    try {
      PathTrial trial = trials.run(plan, stop_);
      for (int again = 0; again < most_repetitions && was_disturbed(trial); ++again) {
        if (stop_.stop_requested()) break;
        ++row.repeated;
        trial = trials.run(plan, stop_);
      }
      if (was_disturbed(trial)) ++row.disturbed;
      if (trial.link) add(row.link, *trial.link);
      row.measured.trials.push_back({Part::paced, round, std::move(trial.result)});
    } catch (const std::system_error& failure) {
      // On a path that is bad enough no connection comes about: a finding, and no reason to stop.
      if (stop_.stop_requested()) return;
      row.failures.emplace_back(failure.what());
      if (first_failure_.empty()) first_failure_ = failure.what();
    }
  }

  void tell(std::size_t n, const SweepPoint& point, const SweepRow& row) const {
    const std::size_t points = sweep_.spec.points.size();
    const std::size_t at_a_point = sweep_.spec.trials * point.rows.size();
    auto left = planned_trial(n) * static_cast<int>((n + 1) * at_a_point - done_);
    for (std::size_t later = n + 1; later < points; ++later) {
      left += planned_trial(later) * static_cast<int>(at_a_point);
    }
    // What trials took beyond their plan, or less, holds for those to come.
    const std::chrono::duration<double> spent = Clock::now() - started_;
    const double pace = done_ > 0 ? spent / planned_until_now_ : 1;
    progress_({.point = n,
               .points = points,
               .value = point.value,
               .contender = name_of(row.contender),
               .done = done_,
               .trials = points * at_a_point,
               .left = std::chrono::duration_cast<std::chrono::nanoseconds>(pace * left)});
  }

  std::chrono::nanoseconds planned_trial(std::size_t n) const {
    const CompareSpec& spec = sweep_.spec.points[n];
    return sweep_.spec.trial_time(n) + spec.drain() + around_a_trial +
           round_trips_around_a_trial * spec.lab->round_trip();
  }

  Sweep sweep_;
  std::stop_token stop_;
  const std::function<void(const SweepProgress&)>& progress_;
  std::mt19937_64 random_;
  Clock::time_point started_;
  std::size_t done_ = 0;
  std::chrono::nanoseconds planned_until_now_{};
  std::string first_failure_;
};

}  // namespace

std::chrono::nanoseconds SweepSpec::trial_time(std::size_t point) const {
  const CompareSpec& spec = points[point];
  if (spec.time) return *spec.time;
  return std::max<std::chrono::nanoseconds>(shortest_trial,
                                            round_trips_in_a_trial * spec.lab->round_trip());
}

std::string name_of(const Contender& contender) {
  if (contender.transport == Transport::udp) return "UDP";
  return contender.congestion.empty() ? "TCP" : "TCP " + contender.congestion;
}

std::vector<const TrialResult*> SweepRow::trials() const {
  std::vector<const TrialResult*> all = measured.of(Part::paced, contender.transport);
  const auto is_cut = [](const TrialResult* trial) { return trial->interrupted; };
  if (!std::ranges::all_of(all, is_cut)) std::erase_if(all, is_cut);
  return all;
}

Sweep sweep(const SweepSpec& spec, std::stop_token stop,
            const std::function<void(const SweepProgress&)>& progress) {
  return Run(spec, std::move(stop), progress).run();
}

}  // namespace netduel
