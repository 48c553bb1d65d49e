#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>

#include "session/plan.hpp"

namespace netduel {

/// Says how many messages may leave now, and when each was due. Pure: times are those since the
/// start of the stream, and randomness comes from the seed.
///
/// - A turn never holds more than 100 us of the rate or `most_in_a_turn` messages, and at least
/// one.
/// - With a burst so many messages are due at once, and as much later the next ones: on average the
///   rate is kept (iperf3's burst mode). They leave in as many turns as their number takes.
/// - After a stall of the sender's own it catches up with at most 1 ms of the rate, at no more than
///   twice the rate; what is older is skipped, and counted.
/// - Under the transport's back-pressure nothing is skipped: messages keep their due times, since
///   leaving them out would leave out just the bad delays (coordinated omission).
class Schedule {
 public:
  using Elapsed = std::chrono::nanoseconds;
  static constexpr Elapsed longest_burst = std::chrono::microseconds(100);
  static constexpr std::size_t most_in_a_burst = 4096;
  static constexpr Elapsed longest_catch_up = std::chrono::milliseconds(1);

  /// `batch` messages at a time when back to back, or of a burst; `messages_per_second` holds for
  /// the others. What would be due at `end` or later is not of the stream. `burst`: how many are
  /// due together. `most_in_a_turn`: what there is room for, one at least; the rate is kept all the
  /// same, as turns follow each other at once. Only `batch` bounds those of a longer burst.
  Schedule(ScheduleKind kind, double messages_per_second, std::size_t batch, std::uint64_t seed,
           Elapsed end = Elapsed::max(), std::size_t burst = 1,
           std::size_t most_in_a_turn = most_in_a_burst);

  struct Turn {
    std::size_t messages = 0;  ///< how many may leave now
    Elapsed next{};            ///< when to ask again, if none
    bool held_back = false;    ///< they are late because of the transport's back-pressure
  };
  Turn turn(Elapsed now);

  /// The due time of the next message that leaves; call once for each message of the turn.
  Elapsed take(Elapsed now);
  /// The due time of the next message, without taking it.
  Elapsed next_due(Elapsed now) const { return paced() ? to_elapsed(due_) : now; }

  /// The transport made the sender wait until now.
  void held_back(Elapsed now);

  /// The last turn came after a stall: until the backlog is gone, turns follow each other closely
  /// and a sleep between them would be too coarse.
  bool catching_up() const { return catching_up_; }
  bool paced() const { return kind_ != ScheduleKind::back_to_back; }
  /// The most messages that one turn gives.
  std::size_t largest_turn() const { return largest_turn_; }
  std::uint64_t skipped() const { return skipped_; }
  /// Everything that is due before the end has been taken or skipped; never back to back.
  bool exhausted() const { return paced() && to_elapsed(due_) >= end_; }
  /// Skips all that is left before `then`, and the end, and returns how many that were.
  std::uint64_t give_up(Elapsed then = Elapsed::max());

 private:
  static Elapsed to_elapsed(double nanoseconds) {
    return Elapsed(static_cast<Elapsed::rep>(nanoseconds));
  }
  bool periodic() const { return kind_ == ScheduleKind::periodic; }
  double gap();
  void advance();
  std::size_t waiting_at(Elapsed now) const;
  std::uint64_t steps_to(Elapsed then) const;
  std::size_t messages_at(std::size_t due_times) const;
  void skip(std::uint64_t due_times);
  void skip_what_is_too_old(Elapsed now);

  ScheduleKind kind_;
  /// How many are due at one time.
  std::size_t burst_;
  double interval_;  // nanoseconds between due times
  Elapsed end_;
  std::size_t largest_turn_;
  std::size_t most_times_a_turn_ = 1;
  /// Of the burst that is due next.
  std::size_t left_of_burst_;
  std::mt19937_64 random_;
  double due_ = 0;
  double due_after_ = 0;
  Elapsed not_before_{};
  Elapsed excused_until_{-1};
  /// Messages that fall due while a backlog of the transport's drains are excused too.
  bool extend_excuse_ = false;
  Elapsed last_asked_{};
  bool catching_up_ = false;
  std::uint64_t skipped_ = 0;
};

}  // namespace netduel
