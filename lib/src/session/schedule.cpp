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
                   std::uint64_t seed, Elapsed end)
    : kind_(kind), interval_(0), end_(end), burst_(batch), random_(seed) {
  if (!paced()) return;
  interval_ = 1e9 / messages_per_second;
  const double in_longest_burst = static_cast<double>(longest_burst.count()) / interval_;
  burst_ = std::max<std::size_t>(1, static_cast<std::size_t>(in_longest_burst));
  due_ = kind_ == ScheduleKind::periodic ? interval_ * (1.0 - uniform(random_)) : gap();
  due_after_ = due_ + gap();
}

Schedule::Turn Schedule::turn(Elapsed now) {
  if (!paced()) return {.messages = burst_, .next = now};
  const bool held_back_messages_wait = to_elapsed(due_) <= excused_until_;
  if (held_back_messages_wait) {
    excused_until_ = std::max(excused_until_, now);
  } else {
    skip_what_is_too_old(now);
  }
  const Elapsed due = to_elapsed(due_);
  const Elapsed earliest = held_back_messages_wait ? due : std::max(due, not_before_);
  if (earliest > now) return {.messages = 0, .next = earliest};

  const double late = static_cast<double>(now.count()) - due_;
  const std::size_t waiting = kind_ == ScheduleKind::periodic
                                  ? static_cast<std::size_t>(late / interval_) + 1
                                  : (to_elapsed(due_after_) <= now ? 2u : 1u);
  const std::size_t messages = std::min(waiting, kind_ == ScheduleKind::periodic ? burst_ : 1);
  catching_up_ = !held_back_messages_wait && due < now - longest_burst && waiting > messages;
  if (catching_up_) {
    // Half the interval for each that leaves now: a backlog goes at twice the rate.
    not_before_ = now + to_elapsed(static_cast<double>(messages) * interval_ / 2);
  }
  return {.messages = messages, .next = now};
}

Schedule::Elapsed Schedule::take(Elapsed now) {
  if (!paced()) return now;
  const Elapsed due = to_elapsed(due_);
  advance();
  return due;
}

void Schedule::held_back(Elapsed now) {
  excused_until_ = std::max(excused_until_, now);
}

std::uint64_t Schedule::give_up() {
  std::uint64_t given_up = 0;
  for (; paced() && !exhausted(); advance()) ++given_up;
  skipped_ += given_up;
  return given_up;
}

double Schedule::gap() {
  return kind_ == ScheduleKind::poisson ? -std::log(uniform(random_)) * interval_ : interval_;
}

void Schedule::advance() {
  due_ = due_after_;
  due_after_ += gap();
}

/// The newest that is due stays, however late it is: at low rates it is the only one.
void Schedule::skip_what_is_too_old(Elapsed now) {
  while (to_elapsed(due_) < now - longest_catch_up && to_elapsed(due_after_) <= now &&
         to_elapsed(due_after_) < end_) {
    ++skipped_;
    advance();
  }
}

}  // namespace netduel
