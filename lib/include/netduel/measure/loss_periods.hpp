#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

/// Losses in the order of their numbers (RFC 3357): how far apart they are and how many in a row.
/// A number that was left out is lost once nothing more comes (`finish`), or when at least 512
/// newer runs of missing numbers are open; what comes later still is `late`, and stays a loss here.
/// Memory is fixed. Not thread-safe.
/// Rows: `loss_periods.{count,mean_length,longest,mean_distance,noticeable_ratio}`,
/// `loss_periods.lengths[n].{length,count}`, `loss_periods.gilbert.{good_to_bad,bad_to_good}`,
/// `loss_periods.gilbert_elliott.{good_to_bad,bad_to_good,loss_in_bad}`.
class NETDUEL_EXPORT LossPeriods {
 public:
  /// Lengths and distances from here on are counted together.
  static constexpr std::size_t most_told_apart = 128;
  /// RFC 3357, section 3: losses at most this far from the one before are noticeable.
  static constexpr std::uint64_t noticeable_distance = 99;

  /// `first` is the number of the stream's first message.
  explicit LossPeriods(std::uint64_t first = 0);

  void observe(const Arrival& arrival, Placement placement) {
    if (!is_unique(placement.order)) return;
    ++unique_;
    if (placement.order != Order::in_order) observe_disorder(arrival.sequence, placement);
    if (arrival.sequence >= next_) next_ = arrival.sequence + 1;
  }
  /// Nothing more comes of a stream whose last number is the one before `end`: what is missing is
  /// lost. `end` below what has come is no news.
  void finish(std::uint64_t end);
  /// Adds another stream's, both finished.
  void merge(const LossPeriods& other);
  void describe(Report& report) const;

  std::uint64_t lost() const { return lost_; }
  /// RFC 3357, section 4.3: runs of losses that follow something received, or begin the stream.
  std::uint64_t periods() const { return periods_; }
  std::uint64_t longest() const { return longest_; }
  std::uint64_t late() const { return late_; }
  /// nullopt when nothing was lost.
  std::optional<double> mean_length() const;
  /// Section 4.4: mean distance of a period's first loss from the loss before, the first period
  /// left out. nullopt with fewer than two periods.
  std::optional<double> mean_inter_period() const;
  /// Section 3: losses at a distance of at most `distance` (below 128) from the one before, by all
  /// losses. The first has none before it and is not counted. nullopt when nothing was lost.
  std::optional<double> noticeable_ratio(std::uint64_t distance = noticeable_distance) const;
  /// How many periods have that length, 1 to 128; the last stands for all longer ones too.
  std::uint64_t periods_of(std::size_t length) const { return lengths_[length - 1]; }

  /// A channel with two states (Gilbert 1960, Elliott 1963): of each message, the probabilities of
  /// turning bad in the good state, which loses nothing, of turning good again in the bad one, and
  /// of being lost there.
  struct Channel {
    double good_to_bad = 0;
    double bad_to_good = 0;
    double loss_in_bad = 1;
  };
  /// Fitted to the lengths of the runs of losses and of what came between, with a bad state that
  /// loses everything. nullopt when nothing was lost or nothing came.
  std::optional<Channel> gilbert() const;
  /// Fitted by Gilbert's own three moments: how often one is lost, how often the next one too, and
  /// how often of three whose outer ones are lost the middle one too. nullopt where these are no
  /// such channel's: losses too few, independent of each other, or bursty in another way.
  std::optional<Channel> gilbert_elliott() const;

 private:
  friend struct MeterArchive;

  struct Run {
    std::uint64_t first;
    std::uint64_t end;
  };
  static constexpr std::size_t most_open = 1024;

  void observe_disorder(std::uint64_t sequence, Placement placement);
  void fill(std::uint64_t sequence);
  void make_room();
  void close(const Run& run);

  /// Missing so far, in order.
  std::vector<Run> open_;
  std::uint64_t next_ = 0;
  std::uint64_t unique_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t periods_ = 0;
  std::uint64_t longest_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t three_in_a_row_ = 0;
  std::uint64_t inter_periods_ = 0;
  std::uint64_t inter_period_sum_ = 0;
  std::optional<std::uint64_t> last_lost_;
  std::array<std::uint64_t, most_told_apart> lengths_{};
  std::array<std::uint64_t, most_told_apart> distances_{};
};

}  // namespace netduel
