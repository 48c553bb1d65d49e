#include "experiment/selftest.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <random>
#include <string>
#include <thread>

#include <fmt/format.h>

#include "experiment/selftest_steps.hpp"

namespace netduel {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t most_tries = 4;
/// Of the longest time: no check begins later, and none is tried again later than that, which
/// leaves room for the checks behind it.
constexpr double last_begin = 0.8;
constexpr double last_try_again = 0.5;

constexpr auto interruption = "the run was interrupted";
constexpr auto no_time = "this machine was too busy (no time was left for it); an idle one helps";

/// Stops what runs when the user says so, and when its time is over.
class TimeLimit {
 public:
  TimeLimit(const std::stop_token& by_user, std::chrono::nanoseconds longest)
      : on_user_stop_(by_user, Stop{source_}), timer_([this, longest](std::stop_token over) {
          std::mutex mutex;
          std::unique_lock lock(mutex);
          std::condition_variable_any().wait_for(lock, over, longest, [] { return false; });
          source_.request_stop();
        }) {}

  std::stop_token token() const { return source_.get_token(); }

 private:
  struct Stop {
    std::stop_source source;
    void operator()() { source.request_stop(); }
  };

  std::stop_source source_;
  std::stop_callback<Stop> on_user_stop_;
  std::jthread timer_;
};

std::vector<SelftestStep> all_steps() {
  std::vector<SelftestStep> steps;
  add_count_steps(steps);
  add_integrity_steps(steps);
  add_time_steps(steps);
  add_system_steps(steps);
  return steps;
}

class SelftestRun {
 public:
  SelftestRun(const SelftestSpec& spec, const std::stop_token& stop)
      : spec_(spec), by_user_(stop), limit_(stop, spec.longest), random_(spec.seed) {}

  Judgement judge(const SelftestStep& step) {
    if (by_user_.stop_requested()) return not_verified(interruption);
    if (step.needs_lab && spec_.no_lab) {
      return not_verified("it needs an emulated path, which this system refuses: " + *spec_.no_lab);
    }
    if (!is_before(last_begin)) return not_verified(no_time);
    Judgement judgement;
    std::uint64_t tries = 0;
    do {
      judgement = try_once(step);
      ++tries;
    } while (judgement.may_differ_next_time && tries < most_tries && is_before(last_try_again));
    // What was cut short says nothing.
    if (by_user_.stop_requested()) return not_verified(interruption);
    if (limit_.token().stop_requested()) return not_verified(no_time);
    judgement.figures.add("tries", tries);
    return judgement;
  }

  Clock::duration since_begin() const { return Clock::now() - begin_; }

 private:
  Judgement try_once(const SelftestStep& step) {
    try {
      return step.try_once(random_(), limit_.token());
    } catch (const std::exception& failure) {
      return not_verified(std::string("this system refuses what it needs: ") + failure.what());
    }
  }

  bool is_before(double share_of_longest) const {
    return !limit_.token().stop_requested() &&
           std::chrono::duration<double>(since_begin()) < share_of_longest * spec_.longest;
  }

  const SelftestSpec& spec_;
  const std::stop_token& by_user_;
  TimeLimit limit_;
  std::mt19937_64 random_;
  Clock::time_point begin_ = Clock::now();
};

}  // namespace

std::size_t Selftest::count(CheckStatus status) const {
  return static_cast<std::size_t>(std::ranges::count(
      checks, status, [](const SelftestCheck& check) { return check.judgement.status; }));
}

Selftest selftest(const SelftestSpec& spec, std::stop_token stop, const SelftestTold& told) {
  Selftest found{.spec = spec};
  SelftestRun run(found.spec, stop);
  try {
    const std::vector<SelftestStep> steps = all_steps();
    for (const SelftestStep& step : steps) {
      told.begins(step.name, found.checks.size(), steps.size());
      found.checks.push_back({step.id, step.name, run.judge(step)});
      told.ended(found.checks.back());
    }
  } catch (const std::exception& failure) {
    found.error = failure.what();
  }
  found.took = run.since_begin();
  found.interrupted = stop.stop_requested();
  return found;
}

}  // namespace netduel
