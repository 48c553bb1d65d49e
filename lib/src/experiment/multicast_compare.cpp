#include "experiment/multicast_compare.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <system_error>
#include <utility>

#include "lab/star.hpp"

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;

/// Announcing, closing, opening sockets.
constexpr auto around_a_trial = std::chrono::milliseconds(700);
/// Of a trial that this machine disturbed.
constexpr int most_repetitions = 2;

class Run {
 public:
  Run(const MulticastCompareSpec& spec, std::stop_token stop,
      const std::function<void(const MulticastCompareProgress&)>& progress)
      : stop_(std::move(stop)), progress_(progress), random_(spec.seed) {
    all_.spec = spec;
    all_.processors = spec.star ? processors_apart_with_path() : processors_apart();
    for (const std::size_t receivers : spec.receivers) {
      for (const DeliveryMethod method :
           {DeliveryMethod::multicast, DeliveryMethod::unicast, DeliveryMethod::tcp}) {
        all_.rows.push_back({.method = method, .receivers = receivers});
      }
    }
  }

  MulticastComparison run() {
    try {
      std::optional<StarLab> star;
      if (all_.spec.star) {
        star.emplace(*all_.spec.star);
        star->start(all_.processors.path);
      }
      started_ = Clock::now();
      DeliveryTrials trials(all_.spec.stream, star ? &*star : nullptr, all_.processors);
      for (std::size_t round = 0; round < all_.spec.trials; ++round) run_round(trials);
      if (star) all_.truth = star->stop();
    } catch (const std::exception& failure) {
      all_.error = failure.what();
    }
    all_.interrupted = stop_.stop_requested();
    if (all_.empty() && !all_.error && !first_failure_.empty()) all_.error = first_failure_;
    return std::move(all_);
  }

 private:
  void run_round(DeliveryTrials& trials) {
    std::vector<DeliveryRow*> order;
    for (DeliveryRow& row : all_.rows) order.push_back(&row);
    std::ranges::shuffle(order, random_);
    const std::uint64_t seed = random_();
    for (DeliveryRow* const row : order) {
      if (stop_.stop_requested()) return;
      tell(*row);
      run_trial(*row, seed, trials);
      ++done_;
    }
  }

  void run_trial(DeliveryRow& row, std::uint64_t seed, DeliveryTrials& trials) {
    try {
      DeliveryTrial trial = trials.run(row.method, row.receivers, seed, stop_);
      for (int again = 0; again < most_repetitions && was_disturbed(trial); ++again) {
        if (stop_.stop_requested()) break;
        ++row.repeated;
        trial = trials.run(row.method, row.receivers, seed, stop_);
      }
      // A shorter stream has fewer octets.
      if (trial.interrupted) return;
      if (was_disturbed(trial)) ++row.disturbed;
      row.trials.push_back(std::move(trial));
    } catch (const std::system_error& failure) {
      // On a path that is bad enough no connection comes about: a finding, and no reason to stop.
      if (stop_.stop_requested()) return;
      row.failures.emplace_back(failure.what());
      if (first_failure_.empty()) first_failure_ = failure.what();
    }
  }

  void tell(const DeliveryRow& row) const {
    const std::size_t trials = all_.spec.trials * all_.rows.size();
    const auto left = static_cast<double>(trials - done_);
    const std::chrono::duration<double> spent = Clock::now() - started_;
    const std::chrono::duration<double> a_trial =
        done_ > 0 ? spent / static_cast<double>(done_)
                  : std::chrono::duration<double>(all_.spec.stream.time + around_a_trial);
    progress_({.method = row.method,
               .receivers = row.receivers,
               .done = done_,
               .trials = trials,
               .left = std::chrono::duration_cast<std::chrono::nanoseconds>(left * a_trial)});
  }

  MulticastComparison all_;
  std::stop_token stop_;
  const std::function<void(const MulticastCompareProgress&)>& progress_;
  std::mt19937_64 random_;
  Clock::time_point started_;
  std::size_t done_ = 0;
  std::string first_failure_;
};

}  // namespace

bool MulticastComparison::empty() const {
  return std::ranges::all_of(rows, [](const DeliveryRow& row) { return row.trials.empty(); });
}

MulticastComparison compare_deliveries(
    const MulticastCompareSpec& spec, std::stop_token stop,
    const std::function<void(const MulticastCompareProgress&)>& progress) {
  return Run(spec, std::move(stop), progress).run();
}

}  // namespace netduel
