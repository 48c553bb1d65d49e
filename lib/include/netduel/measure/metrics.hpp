#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"
#include "netduel/measure/delay_variation.hpp"
#include "netduel/measure/histogram.hpp"
#include "netduel/measure/interval_throughput.hpp"
#include "netduel/measure/loss_periods.hpp"
#include "netduel/measure/reordering.hpp"

namespace netduel {

// Each metric is a plain value: copyable, and mergeable over trials where that makes sense. None
// is thread-safe. Each describes itself with the keys named in its comment.

/// Goodput: octets of unique messages, and the time from the earliest `sent` to the latest
/// `read_at` (RFC 3148's bulk transfer capacity: unique data by elapsed time). Between hosts that
/// time is off by what their clocks differ.
/// Rows: `delivered_octets`, `duration_seconds`, `goodput_bits_per_second`.
class NETDUEL_EXPORT Throughput {
 public:
  void observe(const Arrival& arrival, Placement placement) {
    if (!is_unique(placement.order)) return;
    if (!first_sent_) start(arrival);
    unique_octets_ += arrival.octets;
    if (arrival.sent < *first_sent_) first_sent_ = arrival.sent;
    if (arrival.read_at > *last_read_) last_read_ = arrival.read_at;
  }
  void describe(Report& report) const;

  std::uint64_t unique_octets() const { return unique_octets_; }
  /// nullopt before the first message, and when no time passed.
  std::optional<double> goodput_bits_per_second() const;
  /// Zero before the first message; negative when the two ends' clocks disagree by more than it.
  std::chrono::nanoseconds duration() const;
  std::optional<WallTime> first_sent() const { return first_sent_; }
  std::optional<WallTime> first_read() const { return first_read_; }
  std::optional<WallTime> last_read() const { return last_read_; }

 private:
  friend struct MeterArchive;

  void start(const Arrival& arrival);

  std::uint64_t unique_octets_ = 0;
  std::optional<WallTime> first_sent_;
  std::optional<WallTime> first_read_;
  std::optional<WallTime> last_read_;
};

/// Unique arrivals, of which `lost(sent)` is the complement (RFC 7680, section 4.1): tail loss
/// needs the sender's final count, and without it only a lower bound is known. Rows: `unique`,
/// `lost_at_least`, `stale`.
class NETDUEL_EXPORT Loss {
 public:
  void observe(const Arrival&, Placement placement) {
    if (is_unique(placement.order)) ++unique_;
    if (placement.order != Order::in_order) observe_disorder(placement);
  }
  void describe(Report& report) const;

  std::uint64_t unique() const { return unique_; }
  std::uint64_t stale() const { return stale_; }
  /// Numbers left out so far below the largest seen; what came late is taken off again.
  std::uint64_t lost_at_least() const { return left_out_; }
  /// Exact from the sender's count of messages; a duplicate never repairs a loss.
  std::uint64_t lost(std::uint64_t sent) const { return sent > unique_ ? sent - unique_ : 0; }

 private:
  friend struct MeterArchive;

  void observe_disorder(Placement placement);

  std::uint64_t unique_ = 0;
  std::uint64_t stale_ = 0;
  std::uint64_t left_out_ = 0;
};

/// Duplicates (RFC 5560): second and later arrivals and their fraction of the unique ones (section
/// 5.1), and which part of the unique ones came more than once (5.2, the replicated packet rate). A
/// third copy is told from a second one as long as no message exactly 4096 numbers away, or a
/// multiple of it, was duplicated between them; where that isn't so, messages are counted twice,
/// though never more of them than came. Rows: `duplicates`, `duplication_fraction`,
/// `replicated_ratio`.
class NETDUEL_EXPORT Duplication {
 public:
  Duplication() : replicas_(most_remembered) {}

  void observe(const Arrival& arrival, Placement placement) {
    if (is_unique(placement.order)) {
      ++unique_;
    } else if (placement.order == Order::duplicate) {
      observe_duplicate(arrival.sequence);
    }
  }
  /// Adds another stream's; neither observes any more.
  void merge(const Duplication& other);
  void describe(Report& report) const;

  std::uint64_t duplicates() const { return duplicates_; }
  /// Messages of which more than one copy came.
  std::uint64_t replicated() const { return replicated_ < unique_ ? replicated_ : unique_; }
  /// Both nullopt when nothing arrived.
  std::optional<double> fraction() const;
  std::optional<double> replicated_ratio() const;

 private:
  friend struct MeterArchive;

  static constexpr std::size_t most_remembered = 4096;

  void observe_duplicate(std::uint64_t sequence);

  std::uint64_t unique_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t replicated_ = 0;
  /// One more than the number duplicated last of those with the same remainder.
  std::vector<std::uint64_t> replicas_;
};

/// One-way delay of unique messages, twice: from `sent` (the due time where there is a schedule) to
/// `read_at`, which is what an application feels, and from `sent` to `arrived` (RFC 7679, with the
/// kernel's stamp where there is one).
/// Rows: `delay_seconds.{p50,p99,max}`, `arrival_delay_seconds.{p50,p99,max}`.
class NETDUEL_EXPORT Delay {
 public:
  void observe(const Arrival& arrival, Placement placement) {
    if (!is_unique(placement.order)) return;
    to_read_.record(arrival.read_at - arrival.sent);
    to_arrival_.record(arrival.arrived - arrival.sent);
  }
  void describe(Report& report) const;
  /// As if what the other observed had been observed here too.
  void merge(const Delay& other);
  /// As if each delay had been longer by that much, negative ones included: for what the ends'
  /// clocks turn out to differ by (`delay_correction`). Each is then off by at most 1 % of what was
  /// observed and 1 % of itself, so the observed should be small already (`on_near_clock`). The
  /// smallest and the largest are exact.
  Delay shifted(std::chrono::nanoseconds by) const;

  const DurationHistogram& to_read() const { return to_read_.all; }
  const DurationHistogram& to_arrival() const { return to_arrival_.all; }

 private:
  friend struct MeterArchive;

  /// A histogram, and the magnitudes of those below zero, which it only counts.
  struct Delays {
    void record(std::chrono::nanoseconds delay, std::uint64_t times = 1) {
      all.record(delay, times);
      if (delay.count() < 0) below_zero.record(-delay, times);
    }
    void merge(const Delays& other);
    Delays shifted(std::chrono::nanoseconds by) const;

    DurationHistogram all;
    DurationHistogram below_zero;
  };

  Delays to_read_;
  Delays to_arrival_;
};

/// Adds `p50`, `p99` and `max` of a histogram, in seconds, below the report's scope and `name`;
/// absent when empty.
NETDUEL_EXPORT void describe_percentiles(Report& report, std::string_view name,
                                         const DurationHistogram& histogram);

/// What the receiving side of a probe stream needs.
using StreamMeter = Meter<Throughput, IntervalThroughput, Loss, LossPeriods, Reordering,
                          Duplication, Delay, DelayVariation>;

}  // namespace netduel
