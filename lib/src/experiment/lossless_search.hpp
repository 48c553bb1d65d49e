#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "experiment/load_bound.hpp"
#include "netduel/measure/drop_gaps.hpp"

namespace netduel {

// The highest rate at which nothing is lost: RFC 2544's throughput (section 26.1), looked for with
// short trials and then confirmed by a long one (its section 24). Rates are of payload, of each
// stream.

struct LosslessSearchSpec {
  double first_bits_per_second = 1e6;
  double lowest_bits_per_second = 1e3;
  double highest_bits_per_second = 1e12;
  /// The next rate is as many times the last one, as long as none was too high (or low enough).
  double growth = 4;
  /// The search ends when what holds and what doesn't are this close.
  double precision_ratio = 0.02;
  /// What part of a rate a sender may leave out, as one does whose host is busy, before the rate is
  /// said to be more than it can offer. The answer is what was really offered.
  double tolerated_shortfall_ratio = 0.5;
  std::chrono::nanoseconds trial_time = std::chrono::seconds(1);
  std::chrono::nanoseconds confirming_time = std::chrono::seconds(10);
  // Bounds of the search; the confirming trials come on top.
  unsigned most_trials = 40;
  std::chrono::nanoseconds longest_search = std::chrono::seconds(60);
  unsigned most_confirmations = 5;
};

/// A trial to run.
struct LosslessPlan {
  double bits_per_second = 0;
  std::chrono::nanoseconds time{};
  bool confirming = false;
};

/// What came of it, all streams together.
struct LosslessResult {
  /// How long messages were sent.
  std::chrono::nanoseconds time{};
  /// How long it took until the last of them had been read; 0 where nobody knows.
  std::chrono::nanoseconds came_in{};
  /// From its beginning to its end, with all that surrounds the sending.
  std::chrono::nanoseconds took{};
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  /// Absent where nobody could tell the one from the other.
  std::optional<Bounds> lost_in_host{};
  std::optional<Bounds> lost_elsewhere{};
  /// Due, but not offered: the sender was too slow.
  std::uint64_t skipped = 0;
  /// Turned away by the sender's own stack.
  std::uint64_t refused = 0;
};

enum class LosslessOutcome {
  lossless,
  lossy,
  not_offered,  ///< the sender fell far short of the rate, whatever was lost, or its stack refused
};
enum class RateLimit {
  receiver,
  path,
  sender,
  server,  ///< it allows no higher rate
};

struct LosslessTrial {
  LosslessPlan plan;
  LosslessResult result;
  LosslessOutcome outcome = LosslessOutcome::lossless;
};

/// What is known after some trials, or all.
struct LosslessFinding {
  std::vector<LosslessTrial> trials;
  /// Of each stream, without what the sender left out; absent when no rate held.
  std::optional<double> bits_per_second;
  /// How far above that the lowest rate is that didn't hold; absent when none is known, or when the
  /// sender is the limit: then the rate is simply what it could offer.
  std::optional<double> precision_ratio;
  /// Whether a trial of the confirming time held.
  bool confirmed = false;
  /// What the lowest rate that didn't hold failed at, or `server` where the highest that one allows
  /// held; absent where it can't be told. A loss is the
  /// sender's where it fell short of the rate by more than a tenth: after a stall it sends in
  /// bursts.
  std::optional<RateLimit> limited_by;
  /// Whether the search came to its end; else it was interrupted or a trial failed.
  bool finished = false;
};

/// Says which trial is next, given what came of those before. A rate that loses nothing is exceeded
/// by `growth`, then the gap is halved geometrically. One trial without loss is enough to go on,
/// since a long one confirms the end; one with loss is not: a machine that stalled for a moment
/// must not fix the bound, so that the trials of that rate decide by their majority (RFC 9971).
/// Where the search ends, the rate above is tried again, and more often where it holds.
///
/// Pure: no clock, no socket. Not thread-safe.
class LosslessSearch {
 public:
  explicit LosslessSearch(const LosslessSearchSpec& spec);

  /// nullopt when the search is over; then `finding` has all.
  const std::optional<LosslessPlan>& next() const { return next_; }
  /// No rate above this is tried from here on. To be said before the result of a trial that told it
  /// is added, since that chooses the next one.
  void set_server_limit(double bits_per_second);
  /// The result of `next`, which moves on. Only while there is a next one.
  const LosslessTrial& add(const LosslessResult& result);
  LosslessFinding finding() const;

 private:
  struct Load {
    LoadTrials trials;
    bool last_was_good = false;
    unsigned asked_again = 0;
  };
  using Rate = std::optional<double>;

  LosslessOutcome outcome_of(const LosslessPlan& plan, const LosslessResult& result) const;
  bool falls_short(const LosslessResult& result) const;
  void choose();
  void try_rate(double bits_per_second);
  void confirm(Rate bits_per_second);
  void add_confirmation(const LosslessTrial& trial);
  bool is_spent() const;
  bool is_in_doubt(const Load& load) const;
  bool holds(const Load& load) const;
  Rate highest_that_holds() const;
  Rate lowest_that_fails(double above) const;
  const LosslessTrial* found() const;
  const LosslessTrial* failed_above(double bits_per_second) const;
  bool reached_server_limit(const LosslessTrial* best) const;

  LosslessSearchSpec spec_;
  LoadGoal goal_;
  std::optional<LosslessPlan> next_;
  std::map<double, Load> loads_;
  std::vector<LosslessTrial> trials_;
  std::chrono::nanoseconds spent_{};
  unsigned failed_confirmations_ = 0;
  Rate lowest_failed_confirmation_;
  bool has_server_limit_ = false;
  bool confirmed_ = false;
};

}  // namespace netduel
