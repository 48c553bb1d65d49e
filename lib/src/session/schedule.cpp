#include "session/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace netduel {
namespace {

/// In (0, 1], the same on every platform, which the standard's distributions are not.
double uniform(std::mt19937_64& random) {
  return (static_cast<double>(random() >> 11) + 1.0) * 0x1.0p-53;
}

}  // namespace

Schedule::Schedule(ScheduleKind kind, double messages_per_second, std::size_t batch,
                   std::uint64_t seed, Elapsed end, std::size_t burst, std::size_t most_in_a_turn)
    : kind_(kind),
      burst_(burst),
      interval_(0),
      end_(end),
      largest_turn_(batch),
      left_of_burst_(burst),
      random_(seed) {
  if (!paced()) return;
  const double message_interval = 1e9 / messages_per_second;
  interval_ = static_cast<double>(burst_) * message_interval;
  const double in_longest_turn = static_cast<double>(longest_burst.count()) / interval_;
  const double most = static_cast<double>(most_in_a_turn) / static_cast<double>(burst_);
  most_times_a_turn_ =
      static_cast<std::size_t>(std::clamp(in_longest_turn, 1.0, std::max(1.0, most)));
  // A burst may be longer than what there is room for at once.
  if (most_times_a_turn_ > 1 || burst_ == 1) {
    largest_turn_ = most_times_a_turn_ * burst_;
  } else {
    largest_turn_ = std::min(burst_, batch);
  }
  // A long burst isn't put off by a whole interval of its own, which may be longer than the test.
  due_ = periodic() ? message_interval * (1.0 - uniform(random_)) : gap();
  due_after_ = due_ + gap();
}

Schedule::Turn Schedule::turn(Elapsed now) {
  if (!paced()) return {.messages = largest_turn_, .next = now};
  // A pause in which nobody asked was this sender's own, also while the transport's backlog waits.
  if (now - last_asked_ > longest_catch_up) extend_excuse_ = false;
  const bool held_back_wait = to_elapsed(due_) <= excused_until_;
  if (held_back_wait && extend_excuse_) excused_until_ = std::max(excused_until_, now);
  if (!held_back_wait) skip_what_is_too_old(now);
  last_asked_ = now;

  const Elapsed due = to_elapsed(due_);
  const Elapsed earliest = held_back_wait ? due : std::max(due, not_before_);
  if (earliest > now) return {.messages = 0, .next = earliest};
  const std::size_t waiting = waiting_at(now);
  const std::size_t due_times = std::min(waiting, periodic() ? most_times_a_turn_ : 1);
  const std::size_t messages = std::min(messages_at(due_times), largest_turn_);
  // A Poisson schedule's own clumps are no backlog.
  const bool stalled = periodic() || due < now - longest_burst;
  catching_up_ = !held_back_wait && stalled && waiting > due_times;
  if (catching_up_) {
    // Half the interval for each that leaves now: a backlog goes at twice the rate.
    not_before_ = now + to_elapsed(static_cast<double>(due_times) * interval_ / 2);
  }
  return {.messages = messages, .next = now, .held_back = held_back_wait};
}

Schedule::Elapsed Schedule::take(Elapsed now) {
  if (!paced()) return now;
  const Elapsed due = to_elapsed(due_);
  if (--left_of_burst_ == 0) advance();
  return due;
}

void Schedule::held_back(Elapsed now) {
  excused_until_ = std::max(excused_until_, now);
  extend_excuse_ = true;
  last_asked_ = now;
}

std::uint64_t Schedule::give_up(Elapsed then) {
  if (!paced()) return 0;
  const std::uint64_t before = skipped_;
  const Elapsed until = std::min(then, end_);
  if (periodic() && to_elapsed(due_) < until) skip(steps_to(until));
  while (to_elapsed(due_) < until) skip(1);
  return skipped_ - before;
}

double Schedule::gap() {
  return periodic() ? interval_ : -std::log(uniform(random_)) * interval_;
}

void Schedule::advance() {
  left_of_burst_ = burst_;
  due_ = due_after_;
  due_after_ += gap();
}

/// How many due times have come at `now`; for Poisson one or, meaning more than one, two.
std::size_t Schedule::waiting_at(Elapsed now) const {
  if (!periodic()) return to_elapsed(due_after_) <= now ? 2 : 1;
  return static_cast<std::size_t>((static_cast<double>(now.count()) - due_) / interval_) + 1;
}

/// Whole intervals from the next due time to `then`, not fewer than none.
std::uint64_t Schedule::steps_to(Elapsed then) const {
  const double steps = (static_cast<double>(then.count()) - due_) / interval_;
  return steps > 0 ? static_cast<std::uint64_t>(steps) : 0;
}

/// How many messages the next due times are of, one at least.
std::size_t Schedule::messages_at(std::size_t due_times) const {
  return (due_times - 1) * burst_ + left_of_burst_;
}

void Schedule::skip(std::uint64_t due_times) {
  if (due_times == 0) return;
  skipped_ += messages_at(due_times);
  if (periodic()) {
    left_of_burst_ = burst_;
    due_ += static_cast<double>(due_times) * interval_;
    due_after_ = due_ + interval_;
    return;
  }
  for (; due_times > 0; --due_times) advance();
}

/// The newest that is due stays, however late it is: at low rates it is the only one.
void Schedule::skip_what_is_too_old(Elapsed now) {
  const Elapsed horizon = now - longest_catch_up;
  const Elapsed newest = std::min(now, end_ - Elapsed(1));
  // At a million messages a second a long stall is too many to step over one by one.
  if (periodic() && to_elapsed(due_) < horizon) {
    skip(std::min(steps_to(horizon), steps_to(newest)));
  }
  while (to_elapsed(due_) < horizon && to_elapsed(due_after_) <= newest) skip(1);
}

}  // namespace netduel
