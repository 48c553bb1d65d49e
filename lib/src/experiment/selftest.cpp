#include "experiment/selftest.hpp"

#include <algorithm>
#include <exception>
#include <random>
#include <string>

#include <fmt/format.h>

#include "experiment/selftest_steps.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int most_tries = 4;
/// Of 40 s in all: no check begins later than this, which leaves room for the longest one, and none
/// is tried again later than that, which leaves room for the checks behind it.
constexpr auto last_begin = 30s;
constexpr auto last_try_again = 20s;

constexpr auto interruption = "the run was interrupted";

std::vector<SelftestStep> all_steps() {
  std::vector<SelftestStep> steps;
  add_count_steps(steps);
  add_time_steps(steps);
  add_system_steps(steps);
  return steps;
}

class SelftestRun {
 public:
  SelftestRun(const SelftestSpec& spec, const std::stop_token& stop)
      : spec_(spec), stop_(stop), random_(spec.seed) {}

  Judgement judge(const SelftestStep& step) {
    if (stop_.stop_requested()) return not_verified(interruption);
    if (step.needs_lab && spec_.no_lab) {
      return not_verified("it needs an emulated path, which this system refuses: " + *spec_.no_lab);
    }
    if (since_begin() > last_begin) {
      return not_verified("this machine was too busy (no time was left for it); an idle one helps");
    }
    Judgement judgement;
    int tries = 0;
    do {
      judgement = try_once(step);
      ++tries;
    } while (judgement.may_differ_next_time && tries < most_tries &&
             since_begin() < last_try_again && !stop_.stop_requested());
    judgement.figures.add("tries", static_cast<std::uint64_t>(tries));
    // What was cut short says nothing.
    return stop_.stop_requested() ? not_verified(interruption) : judgement;
  }

  Clock::duration since_begin() const { return Clock::now() - begin_; }

 private:
  Judgement try_once(const SelftestStep& step) {
    try {
      return step.try_once(random_(), stop_);
    } catch (const std::exception& failure) {
      return not_verified(std::string("this system refuses what it needs: ") + failure.what());
    }
  }

  const SelftestSpec& spec_;
  const std::stop_token& stop_;
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
