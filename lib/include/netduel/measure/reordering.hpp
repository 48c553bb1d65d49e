#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"

namespace netduel {

/// Reordering (RFC 4737) among unique arrivals: the ratio of section 4.1, and of each reordered one
/// the extent (4.2: how many arrivals back it belongs), the late time (4.3: how much earlier that
/// was, by `arrived`), the byte offset (4.4: payload to be stored meanwhile) and how many arrivals
/// just before it were all larger (5.3, n-reordering; with 3 TCP would have sent it again); the
/// gaps between reordering discontinuities (4.5) and the free runs between reordered arrivals
/// (4.6).
///
/// The first arrival with a larger number is the one that jumped over this one's, so the gaps in
/// the numbers tell. Memory is fixed: a number of gaps are kept, 4096 unless told otherwise, and a
/// message that falls into an older one counts with the extent and late time of the oldest kept,
/// which are less than its own (`extents_cut`); byte offsets look back over a number of arrivals,
/// 1024 unless told otherwise, and those that would look further are less than they should be
/// (`byte_offsets_cut`). Nothing is done for an arrival in order but to note it. Not thread-safe.
/// Rows: `reordered`, `reordered_ratio`, `extent.{mean,max}`, `late_seconds.{mean,max}`,
/// `byte_offset.{mean,max}`, `extents_cut`, `byte_offsets_cut`, `gap.mean`, `free_run.mean`,
/// `n_reordering.{1,2,3,...}`.
class NETDUEL_EXPORT Reordering {
 public:
  /// Arrivals whose n is that or more are counted together.
  static constexpr std::size_t most_n_told_apart = 64;

  /// How far back it looks; both are rounded up to a power of two, and `arrivals` is at least 64.
  struct Depth {
    std::size_t arrivals = 1024;
    std::size_t gaps = 4096;
  };

  Reordering() : Reordering(Depth{}) {}
  explicit Reordering(const Depth& depth);

  void observe(const Arrival& arrival, Placement placement) {
    if (placement.order != Order::in_order) observe_disorder(arrival, placement);
    if (!is_unique(placement.order)) return;
    recent(arrivals_) = {arrival.sequence, arrival.octets};
    octets_ += arrival.octets;
    ++arrivals_;
    if (placement.order != Order::reordered) ++in_this_run_;
  }
  /// Adds another stream's; neither observes any more.
  void merge(const Reordering& other);
  void describe(Report& report) const;

  std::uint64_t reordered() const { return reordered_; }
  /// Reordered by unique arrivals; nullopt when nothing arrived.
  std::optional<double> ratio() const;
  /// Means are nullopt when nothing was reordered.
  std::optional<double> mean_extent() const { return mean(static_cast<double>(extent_sum_)); }
  std::uint64_t max_extent() const { return max_extent_; }
  /// Extents that are lower bounds because their gap was no longer kept.
  std::uint64_t extents_cut() const { return extents_cut_; }
  /// Byte offsets that are lower bounds because their arrivals were no longer kept.
  std::uint64_t byte_offsets_cut() const { return byte_offsets_cut_; }
  std::optional<std::chrono::duration<double>> mean_late_time() const;
  std::chrono::nanoseconds max_late_time() const { return max_late_time_; }
  /// nullopt also where no arrival had octets: then nobody told how many.
  std::optional<double> mean_byte_offset() const {
    return octets_ > 0 ? mean(static_cast<double>(byte_offset_sum_)) : std::nullopt;
  }
  std::uint64_t max_byte_offset() const { return max_byte_offset_; }
  /// Section 5.3: reordered arrivals with at least `n` larger ones just before them; n from 1
  /// to 64.
  std::uint64_t n_reordered(std::size_t n) const;
  /// Section 4.5: arrivals between successive reordering discontinuities, in order of arrival.
  /// nullopt with fewer than two.
  std::optional<double> mean_gap() const;
  std::uint64_t discontinuities() const;
  /// Section 4.6, in its letters: x runs that a reordered arrival ended, of a arrivals in order in
  /// all (the unfinished last run included), and q the sum of the squares of finished ones.
  struct FreeRuns {
    std::uint64_t x = 0;
    std::uint64_t a = 0;
    std::uint64_t q = 0;
  };
  FreeRuns free_runs() const { return {reordered_, arrivals_ - reordered_, squares_of_runs_}; }

 private:
  friend struct MeterArchive;

  struct Gap {
    std::uint64_t first;
    std::uint64_t end;
    std::uint64_t arrival_index;
    WallTime arrived;
    /// A missing number came later: a reordering discontinuity.
    bool reordered;
  };
  struct Recent {
    std::uint64_t sequence;
    std::uint32_t octets;
  };
  /// Distances between discontinuities, found in the order of their arrival.
  struct Discontinuities {
    std::uint64_t count = 0;
    std::uint64_t distances = 0;
    std::uint64_t distance_sum = 0;
    std::uint64_t last = 0;
    void add(const Gap& gap) {
      if (!gap.reordered) return;
      if (count++ > 0) {
        ++distances;
        distance_sum += gap.arrival_index - last;
      }
      last = gap.arrival_index;
    }
  };

  Recent& recent(std::uint64_t index) {
    return recent_[static_cast<std::size_t>(index & recent_mask_)];
  }
  std::optional<double> mean(double sum) const;
  void observe_disorder(const Arrival& arrival, Placement placement);
  void observe_reordered(const Arrival& arrival);
  void add_gap(const Gap& gap);
  Gap* gap_of(std::uint64_t sequence);
  void look_back(std::uint64_t sequence, std::uint64_t extent);
  Discontinuities all_discontinuities() const;

  /// A ring: the n-th gap seen lies at n % gaps_kept_. Its memory is taken at once, so that none is
  /// allocated for a message, and the system gives it when gaps come.
  std::vector<Gap> gaps_;
  std::uint64_t gaps_kept_;
  std::uint64_t gaps_seen_ = 0;
  /// Of gaps that are no longer kept.
  Discontinuities old_discontinuities_;
  /// A ring: the n-th unique arrival lies at n & recent_mask_.
  std::vector<Recent> recent_;
  std::uint64_t recent_mask_;
  std::uint64_t arrivals_ = 0;
  /// Of all of them; 0 where nobody knows octets.
  std::uint64_t octets_ = 0;
  std::uint64_t reordered_ = 0;
  std::uint64_t extent_sum_ = 0;
  std::uint64_t max_extent_ = 0;
  std::uint64_t extents_cut_ = 0;
  double late_time_sum_ = 0;  // nanoseconds
  std::chrono::nanoseconds max_late_time_{};
  std::uint64_t byte_offset_sum_ = 0;
  std::uint64_t max_byte_offset_ = 0;
  std::uint64_t byte_offsets_cut_ = 0;
  /// By n, 0 included.
  std::array<std::uint64_t, most_n_told_apart + 1> exactly_n_{};
  std::uint64_t in_this_run_ = 0;
  std::uint64_t squares_of_runs_ = 0;
};

}  // namespace netduel
