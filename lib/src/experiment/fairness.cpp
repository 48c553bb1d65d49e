#include "experiment/fairness.hpp"

#include <algorithm>
#include <deque>
#include <exception>
#include <new>
#include <numeric>
#include <random>
#include <thread>
#include <utility>

#include "experiment/compare.hpp"
#include "experiment/waiting_trial.hpp"
#include "lab/bottleneck.hpp"

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;
using Time = std::chrono::nanoseconds;

/// The mean time between two looks at the queue. They are at random times (RFC 2330, section
/// 11.1.1), so that none of the flows' rhythms is mistaken for the queue's.
constexpr double mean_pause_seconds = 5e-3;
constexpr auto longest_pause = std::chrono::milliseconds(20);

/// BBR needs 10 to 20 round trips to see that there is less room than before, when others fill the
/// queue.
constexpr int round_trips_to_settle = 15;
constexpr int round_trips_in_a_phase = 30;

/// With the queue full.
Time full_round_trip(const LabSpec& lab) {
  const bool has_queue = lab.a_to_b.bottleneck_bits_per_second.has_value();
  return lab.round_trip() + (has_queue ? longest_wait(lab.a_to_b) : Time{});
}

CompareSpec trial_spec(const FairnessSpec& spec) {
  CompareSpec of_trials;
  of_trials.lab = spec.lab;
  of_trials.message_octets = spec.message_octets;
  of_trials.ip_version = spec.ip_version;
  return of_trials;
}

Plan plan_of(const FairnessSpec& spec, const FairnessFlow& flow, std::uint64_t seed) {
  CompareSpec of_trial = trial_spec(spec);
  of_trial.congestion = flow.congestion;
  const auto phases = static_cast<int>(fairness_phases.size());
  of_trial.time = flow.transport == Transport::tcp ? phases * spec.times.phase : spec.times.phase;
  return plan_of(of_trial, flow.transport, flow.bits_per_second, seed);
}

/// All flows of a run, and what they were last seen to have done.
class FairnessRun {
 public:
  FairnessRun(Fairness& fairness, Lab& lab, const std::stop_token& stop)
      : fairness_(fairness),
        lab_(lab),
        random_(fairness.spec.seed),
        ends_early_(stop, [this] { stop_.request_stop(); }) {}

  /// One after the other, so that the link numbers them in this order.
  void open() {
    const LocalPlaces places = local_places(&lab_, fairness_.processors);
    for (const FairnessFlow& flow : fairness_.flows) {
      trials_.emplace_back(plan_of(fairness_.spec, flow, random_()), places, stop_).await_open();
    }
    before_.resize(trials_.size());
  }

  void run(const std::function<void(const Fairness&)>& seen) {
    lab_.restart_script();
    start_ = Clock::now();
    begin(Transport::tcp);
    for (const FairnessStop& next : stops(fairness_.spec.times)) {
      if (stop_.stop_requested()) break;
      if (next.phase == FairnessPhase::udp_joins) begin(Transport::udp);
      // This machine stood still, and there is nothing to tell apart any more.
      if (last_ >= next.at) continue;
      watch_queue(start_ + next.at);
      mark(next);
      seen(fairness_);
    }
  }

  void finish() {
    // What has not begun by now ends with no message.
    if (stop_.stop_requested()) std::ranges::for_each(trials_, &WaitingTrial::begin);
    std::vector<TrialResult> results;
    for (WaitingTrial& trial : trials_) results.push_back(trial.finish());
    const Truth truth = lab_.truth();
    for (std::size_t i = 0; i < results.size(); ++i) {
      fairness_.flows[i].trial = held_against(std::move(results[i]), {}, truth);
    }
  }

 private:
  void begin(Transport transport) {
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      if (fairness_.flows[i].transport == transport) trials_[i].begin();
    }
  }

  /// Until then, or until a stop.
  void watch_queue(Clock::time_point until) {
    std::exponential_distribution<double> pauses(1 / mean_pause_seconds);
    while (!stop_.stop_requested()) {
      const std::chrono::duration<double> pause(pauses(random_));
      const auto next =
          Clock::now() + std::min<Time>(longest_pause, std::chrono::duration_cast<Time>(pause));
      std::this_thread::sleep_until(std::min(next, until));
      if (Clock::now() >= until) return;
      queue_.push_back(lab_.queueing_time(Direction::a_to_b));
    }
  }

  void mark(const FairnessStop& at) {
    FairnessInterval interval{.phase = at.phase,
                              .settling = at.settling,
                              .start = last_,
                              .end = Clock::now() - start_,
                              .late = {},
                              .flows = {},
                              .queue = std::exchange(queue_, {})};
    for (std::size_t i = 0; i < trials_.size(); ++i) {
      const FlowProgress now = progress_of(i);
      interval.flows.push_back(since(std::exchange(before_[i], now), now));
    }
    last_ = interval.end;
    interval.late = std::max(Time{}, interval.end - at.at);
    fairness_.intervals.push_back(std::move(interval));
  }

  FlowProgress progress_of(std::size_t flow) const {
    const LiveFigures live = trials_[flow].live();
    FlowProgress now{.octets = live.messages * fairness_.spec.message_length(),
                     .messages = live.messages,
                     .lost = live.lost,
                     .retransmitted_segments = {}};
    const auto info = trials_[flow].tcp_info();
    if (info) now.retransmitted_segments = info->retransmitted_segments;
    return now;
  }

  Fairness& fairness_;
  Lab& lab_;
  std::stop_source stop_;
  std::mt19937_64 random_;
  std::stop_callback<std::function<void()>> ends_early_;
  std::deque<WaitingTrial> trials_;
  std::vector<FlowProgress> before_;
  std::vector<Time> queue_;
  Clock::time_point start_{};
  Time last_{};
};

}  // namespace

std::size_t FairnessSpec::message_length() const {
  return trial_spec(*this).message_length();
}

double FairnessSpec::udp_bits_per_second() const {
  return std::accumulate(udp.begin(), udp.end(), 0.0);
}

double FairnessSpec::bottleneck_bits_per_second() const {
  return lab.bottleneck_bits_per_second(Direction::a_to_b).value_or(0);
}

std::optional<std::string> FairnessFlow::congestion_in_use() const {
  const bool tells = trial && trial->result.sender.tcp;
  const std::string& name = tells ? trial->result.sender.tcp->congestion : congestion;
  return name.empty() ? std::nullopt : std::optional(name);
}

std::vector<Transport> Fairness::transports() const {
  std::vector<Transport> all;
  for (const FairnessFlow& flow : flows) all.push_back(flow.transport);
  return all;
}

std::vector<PhaseFigures> Fairness::phases() const {
  std::vector<PhaseFigures> all;
  for (const FairnessPhase phase : fairness_phases) {
    if (std::ranges::find(intervals, phase, &FairnessInterval::phase) == intervals.end()) continue;
    all.push_back(figures_of(phase, intervals, transports()));
  }
  return all;
}

Time shortest_sound_phase(const LabSpec& lab) {
  return round_trips_in_a_phase * full_round_trip(lab);
}

FairnessTimes usual_times(const LabSpec& lab, std::optional<Time> phase) {
  const Time round_trip = full_round_trip(lab);
  FairnessTimes times;
  times.phase = phase.value_or(std::max(times.phase, shortest_sound_phase(lab)));
  times.interval = std::min(times.interval, times.phase / 10);
  const Time wanted = std::max(times.settling, round_trips_to_settle * round_trip);
  times.settling = std::max(times.phase / 5, std::min(wanted, times.phase / 2));
  return times;
}

Fairness fairness_of(const FairnessSpec& spec) {
  Fairness fairness;
  fairness.spec = spec;
  for (const std::string& congestion : spec.tcp) {
    fairness.flows.push_back({Transport::tcp, congestion, std::nullopt});
  }
  for (const double rate : spec.udp) fairness.flows.push_back({Transport::udp, {}, rate});
  return fairness;
}

Fairness run_fairness(const FairnessSpec& spec, Lab& lab, const std::stop_token& stop,
                      const std::function<void(const Fairness&)>& seen) {
  Fairness fairness = fairness_of(spec);
  fairness.processors = processors_apart_with_path(fairness.flows.size());
  try {
    FairnessRun run(fairness, lab, stop);
    run.open();
    run.run(seen);
    run.finish();
  } catch (const std::system_error& failure) {
    // A user who ends the wait for a connection knows why there is none.
    const bool cancelled = stop.stop_requested() && failure.code() == std::errc::operation_canceled;
    if (!cancelled) fairness.error = failure.what();
  } catch (const std::bad_alloc&) {
    fairness.error = "out of memory";
  } catch (const std::exception& failure) {
    fairness.error = failure.what();
  }
  fairness.interrupted = stop.stop_requested();
  return fairness;
}

}  // namespace netduel
