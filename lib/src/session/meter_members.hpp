#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <numeric>
#include <span>
#include <tuple>
#include <type_traits>
#include <vector>

#include "netduel/base/time.hpp"
#include "netduel/measure/drop_gaps.hpp"
#include "netduel/measure/metrics.hpp"

// What lasts of a finished meter, and what must hold of it: for each metric one list of members
// that both writes and reads. For report_archive.cpp alone.

namespace netduel {

// The most that a peer may tell, so that sums over thousands of trials and differences of times and
// of delays stay in range.

/// Messages of one trial: a year's at ten million a second.
inline constexpr std::uint64_t most_messages = std::uint64_t{1} << 48;
/// In one super-packet; an IP packet has no more octets.
inline constexpr std::uint32_t most_together = 65535;
/// What a trial can take: 52 days.
inline constexpr std::chrono::nanoseconds longest_trial{std::int64_t{1} << 52};
/// Between two clocks, one of which may not have been set: 73 years.
inline constexpr std::chrono::nanoseconds longest_delay{(std::int64_t{1} << 61) - 1};
/// From 1897 to 2116: two such moments, and a delay besides, can be subtracted.
inline constexpr WallTime earliest{-longest_delay};
inline constexpr WallTime latest{std::chrono::nanoseconds{(std::int64_t{1} << 62) - 1}};
/// What a list takes: something to be read into, or to be written.
template <class Archive, class T>
using Of = std::conditional_t<Archive::reading, T, const T>;

using Counts = std::vector<std::uint64_t>;

/// Index and count, one behind the other, of all that are not 0.
inline Counts sparse(std::span<const std::uint64_t> counts) {
  Counts pairs;
  for (std::size_t n = 0; n < counts.size(); ++n) {
    if (counts[n] > 0) pairs.insert(pairs.end(), {n, counts[n]});
  }
  return pairs;
}

/// False when `pairs` are not what `sparse` gives, or all together are more than messages can be.
inline bool fill(std::span<std::uint64_t> counts, const Counts& pairs) {
  if (pairs.size() % 2 != 0) return false;
  std::uint64_t next = 0;
  std::uint64_t left = most_messages;
  for (std::size_t n = 0; n < pairs.size(); n += 2) {
    const std::uint64_t index = pairs[n];
    const std::uint64_t count = pairs[n + 1];
    if (index < next || index >= counts.size() || count == 0 || count > left) return false;
    counts[static_cast<std::size_t>(index)] = count;
    left -= count;
    next = index + 1;
  }
  return true;
}

inline bool all_within(std::uint64_t most, std::initializer_list<std::uint64_t> counts) {
  return std::ranges::max(counts) <= most;
}

inline bool within_a_trial(std::chrono::nanoseconds time) {
  return time < longest_trial && time > -longest_trial;
}

inline bool within_a_trial(std::initializer_list<std::chrono::nanoseconds> times) {
  return std::ranges::all_of(times, [](std::chrono::nanoseconds time) {
    return time >= std::chrono::nanoseconds::zero() && within_a_trial(time);
  });
}

inline bool is_moment(WallTime time) {
  return time >= earliest && time <= latest;
}

/// The friend of all metrics. An archive is called with the name and the value of each member, and
/// says by `reading` which way it goes; one that reads has `require(holds, name, otherwise)`, which
/// throws.
///
/// A list takes its type apart into all of its members, so that a member that is added doesn't
/// compile before it is decided here whether it lasts. Those that serve only to observe more stay
/// behind; each list says which.
struct MeterArchive {
  template <class Archive, class Sparse>
  static void sparse_counts(Archive& archive, const char* name, Sparse& counts) {
    if constexpr (Archive::reading) {
      Counts pairs;
      archive(name, pairs);
      archive.require(fill(counts, pairs), name, "is no list of counts");
    } else {
      archive(name, sparse(counts));
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, DurationHistogram>& histogram) {
    auto& [buckets, count, negative, min, max] = histogram;
    archive("negative", negative);
    sparse_counts(archive, "buckets", buckets);
    if constexpr (Archive::reading) {
      archive.require(negative <= most_messages, "negative", "is too large");
      count = std::accumulate(buckets.begin(), buckets.end(), negative);
    }
    if (count == 0) return;
    archive("min", min);
    archive("max", max);
    if constexpr (Archive::reading) {
      archive.require(edges_fit(histogram), "min", "and max don't fit the counts");
    }
  }

  /// Percentiles are clamped to the smallest and the largest, which stand in for one count each of
  /// the outermost buckets.
  static bool edges_fit(const DurationHistogram& histogram) {
    const auto& [buckets, count, negative, min, max] = histogram;
    const auto is_in = [](std::chrono::nanoseconds value, auto bucket, auto first) {
      return value.count() >= 0 &&
             DurationHistogram::bucket_of(static_cast<std::uint64_t>(value.count())) ==
                 static_cast<std::size_t>(bucket - first);
    };
    const auto used = [](std::uint64_t times) { return times > 0; };
    const auto lowest = std::ranges::find_if(buckets, used);
    const bool any = lowest != buckets.end();
    const auto highest = std::find_if(buckets.rbegin(), buckets.rend(), used);
    if (min > max) return false;
    if (negative > 0 ? min.count() >= 0 : !is_in(min, lowest, buckets.begin())) return false;
    return any ? is_in(max, highest.base() - 1, buckets.begin()) : max.count() < 0;
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, SignedDurationHistogram>& histogram) {
    auto& [negative, positive] = histogram;
    archive("negative", negative);
    archive("positive", positive);
    if constexpr (Archive::reading) {
      // Both hold magnitudes.
      archive.require(negative.negative_count() + positive.negative_count() == 0, "negative",
                      "holds what is negative itself");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, Throughput>& throughput) {
    auto& [unique_octets, first_sent, first_read, last_read] = throughput;
    archive("unique_octets", unique_octets);
    archive("first_sent", first_sent);
    archive("first_read", first_read);
    archive("last_read", last_read);
    if constexpr (Archive::reading) {
      archive.require(first_sent.has_value() == first_read.has_value() &&
                          first_sent.has_value() == last_read.has_value(),
                      "first_sent", "and the times of reading don't go together");
      archive.require(within_a_trial(throughput.duration()), "last_read",
                      "is too far from first_sent");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, IntervalThroughput>& throughput) {
    auto& [length, intervals, end_of_current, last] = throughput;
    archive("length", length);
    if constexpr (Archive::reading) {
      Counts numbers;
      archive("intervals", numbers);
      archive.require(length.count() > 0, "length", "is not above 0");
      archive.require(
          numbers.size() <= 2 * IntervalThroughput::most_intervals && numbers.size() % 2 == 0,
          "intervals", "is no list of intervals");
      for (std::size_t n = 0; n < numbers.size(); n += 2) {
        intervals.push_back({numbers[n], numbers[n + 1]});
      }
    } else {
      Counts numbers;
      for (const auto& [octets, messages] : intervals) {
        numbers.insert(numbers.end(), {octets, messages});
      }
      archive("intervals", numbers);
    }
    if (intervals.empty()) return;
    archive("end_of_current", end_of_current);
    archive("last", last);
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, Loss>& loss) {
    auto& [unique, stale, left_out] = loss;
    archive("unique", unique);
    archive("stale", stale);
    archive("left_out", left_out);
  }

  /// Finished, it has no open runs, and neither the number expected next nor the last one lost is
  /// of use.
  template <class Archive>
  static void list(Archive& archive, Of<Archive, LossPeriods>& loss) {
    auto& [open, next, unique, lost, periods, longest, late, three_in_a_row, inter_periods,
           inter_period_sum, last_lost, lengths, distances] = loss;
    archive("unique", unique);
    archive("lost", lost);
    archive("periods", periods);
    archive("longest", longest);
    archive("late", late);
    archive("three_in_a_row", three_in_a_row);
    archive("inter_periods", inter_periods);
    archive("inter_period_sum", inter_period_sum);
    sparse_counts(archive, "lengths", lengths);
    sparse_counts(archive, "distances", distances);
    if constexpr (Archive::reading) {
      archive.require(periods <= lost, "periods", "are more than were lost");
    }
  }

  /// Of the gaps the discontinuities that they were are told, as when meters are merged; no
  /// distance to the last one is asked for again. What the recent arrivals and the unfinished run
  /// are for is done.
  template <class Archive>
  static void list(Archive& archive, Of<Archive, Reordering>& reordering) {
    auto& [gaps, gaps_kept, gaps_seen, old_discontinuities, recent, recent_mask, arrivals, octets,
           reordered, extent_sum, max_extent, extents_cut, late_time_sum, max_late_time,
           byte_offset_sum, max_byte_offset, byte_offsets_cut, exactly_n, in_this_run,
           squares_of_runs] = reordering;
    auto all = reordering.all_discontinuities();
    archive("discontinuities", all.count);
    archive("distances", all.distances);
    archive("distance_sum", all.distance_sum);
    archive("arrivals", arrivals);
    archive("octets", octets);
    archive("reordered", reordered);
    archive("extent_sum", extent_sum);
    archive("max_extent", max_extent);
    archive("extents_cut", extents_cut);
    archive("late_time_sum", late_time_sum);
    archive("max_late_time", max_late_time);
    archive("byte_offset_sum", byte_offset_sum);
    archive("max_byte_offset", max_byte_offset);
    archive("byte_offsets_cut", byte_offsets_cut);
    sparse_counts(archive, "exactly_n", exactly_n);
    archive("squares_of_runs", squares_of_runs);
    if constexpr (Archive::reading) {
      old_discontinuities = all;
      archive.require(reordered <= arrivals, "reordered", "are more than arrived");
    }
  }

  /// Not the replicas, by which further copies are known.
  template <class Archive>
  static void list(Archive& archive, Of<Archive, Duplication>& duplication) {
    auto& [unique, duplicates, replicated, replicas] = duplication;
    archive("unique", unique);
    archive("duplicates", duplicates);
    archive("replicated", replicated);
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, Delay>& delay) {
    auto& [to_read, to_arrival] = delay;
    archive("to_read", to_read.all);
    archive("to_read_below_zero", to_read.below_zero);
    archive("to_arrival", to_arrival.all);
    archive("to_arrival_below_zero", to_arrival.below_zero);
  }

  /// Not the delay that the next one is held against.
  template <class Archive>
  static void list(Archive& archive, Of<Archive, RtpJitter>& jitter) {
    auto& [last, arrivals, value] = jitter;
    archive("arrivals", arrivals);
    archive("jitter", value);
  }

  /// The first delays are told as long as there are no others: then those hold them, and against
  /// which reference they were taken is of no matter. Not the recent arrivals.
  template <class Archive>
  static void list(Archive& archive, Of<Archive, DelayVariation>& variation) {
    auto& [first, delays, reference, ipdv, recent, jitter] = variation;
    archive("delays", delays);
    if (delays.count() == 0) {
      archive("first", first);
    } else if constexpr (Archive::reading) {
      first.resize(DelayVariation::most_first);
    }
    archive("ipdv", ipdv);
    archive("jitter", jitter);
    if constexpr (Archive::reading) {
      archive.require(first.size() < DelayVariation::most_first || delays.count() > 0, "first",
                      "are too many");
    }
  }

  template <class Archive>
  static void list(Archive& archive, Of<Archive, StreamMeter>& meter) {
    auto& [metrics] = meter;
    auto& [throughput, intervals, loss, loss_periods, reordering, duplication, delay, variation] =
        metrics;
    archive("throughput", throughput);
    archive("intervals", intervals);
    archive("loss", loss);
    archive("loss_periods", loss_periods);
    archive("reordering", reordering);
    archive("duplication", duplication);
    archive("delay", delay);
    archive("delay_variation", variation);
  }

  /// Not the counter that the next arrival's is held against.
  template <class Archive>
  static void list(Archive& archive, Of<Archive, DropGaps>& drops) {
    auto& [gaps, overflow_missing, overflow_drops, counted, outside_gaps, carried, unwatched,
           last] = drops;
    if constexpr (Archive::reading) {
      Counts numbers;
      archive("gaps", numbers);
      archive.require(numbers.size() <= 3 * DropGaps::kinds_kept && numbers.size() % 3 == 0, "gaps",
                      "is no list of gaps");
      for (std::size_t n = 0; n < numbers.size(); n += 3) {
        gaps.push_back({numbers[n], numbers[n + 1], numbers[n + 2]});
      }
      archive.require(gaps_fit(drops), "gaps", "are none that can have been");
    } else {
      Counts numbers;
      for (const auto& [missing, dropped, times] : gaps) {
        numbers.insert(numbers.end(), {missing, dropped, times});
      }
      archive("gaps", numbers);
    }
    archive("overflow_missing", overflow_missing);
    archive("overflow_drops", overflow_drops);
    archive("drops", counted);
    archive("drops_outside_gaps", outside_gaps);
    archive("carried_drops", carried);
    archive("unwatched", unwatched);
    if constexpr (Archive::reading) {
      archive.require(all_within(most_messages,
                                 {overflow_missing, counted, outside_gaps, carried, unwatched}) &&
                          overflow_drops <= overflow_missing,
                      "drops", "and what goes with them are too many");
    }
  }

  /// Sorted, each kind once and in lowest terms, none with more drops than messages missing.
  static bool gaps_fit(const DropGaps& drops) {
    const auto in_order = [](const auto& one, const auto& next) {
      return std::tie(one.missing, one.drops) < std::tie(next.missing, next.drops);
    };
    std::uint64_t left = most_messages;
    for (std::size_t n = 0; n < drops.gaps_.size(); ++n) {
      const auto& kind = drops.gaps_[n];
      if (n > 0 && !in_order(drops.gaps_[n - 1], kind)) return false;
      if (kind.drops == 0 || kind.drops > kind.missing || kind.times == 0) return false;
      if (std::gcd(kind.missing, kind.drops) != 1 || kind.times > left / kind.missing) return false;
      left -= kind.times * kind.missing;
    }
    return true;
  }
};

}  // namespace netduel
