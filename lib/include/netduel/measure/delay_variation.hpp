#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "netduel/base/export.hpp"
#include "netduel/measure/arrival.hpp"
#include "netduel/measure/histogram.hpp"

namespace netduel {

/// Durations of either sign in two histograms: each value read back is off by at most 1 %. Not
/// thread-safe.
class NETDUEL_EXPORT SignedDurationHistogram {
 public:
  void record(std::chrono::nanoseconds value) {
    if (value.count() < 0) {
      negative_.record(-value);
    } else {
      positive_.record(value);
    }
  }
  void merge(const SignedDurationHistogram& other);
  /// As DurationHistogram does, in no particular order.
  template <class Visit>
  void for_each(Visit visit) const {
    negative_.for_each(
        [&](std::chrono::nanoseconds value, std::uint64_t times) { visit(-value, times); });
    positive_.for_each(visit);
  }
  std::uint64_t count() const { return negative_.count() + positive_.count(); }
  /// RFC 2330, section 11.3; nullopt when nothing was recorded. `ratio` in (0, 1].
  std::optional<std::chrono::nanoseconds> percentile(double ratio) const;
  std::optional<std::chrono::nanoseconds> min() const;
  std::optional<std::chrono::nanoseconds> max() const;

 private:
  friend struct MeterArchive;

  DurationHistogram negative_;  ///< as magnitudes
  DurationHistogram positive_;
};

/// The interarrival jitter of RTP (RFC 3550, section 6.4.1) of delays in the order of arrival.
class RtpJitter {
 public:
  void observe(std::chrono::nanoseconds delay) {
    if (arrivals_++ > 0) {
      const auto change = static_cast<double>((delay - last_).count());
      jitter_ += ((change < 0 ? -change : change) - jitter_) / 16;
    }
    last_ = delay;
  }
  /// nullopt before the second arrival.
  std::optional<std::chrono::duration<double>> value() const {
    if (arrivals_ < 2) return std::nullopt;
    return std::chrono::duration<double, std::nano>(jitter_);
  }

 private:
  friend struct MeterArchive;

  std::chrono::nanoseconds last_{};
  std::uint64_t arrivals_ = 0;
  double jitter_ = 0;  // nanoseconds
};

/// Adds the rows of DelayVariation; absent where there is nothing.
NETDUEL_EXPORT void describe_delay_variation(
    Report& report, const DurationHistogram& pdv, const SignedDurationHistogram& ipdv,
    std::optional<std::chrono::duration<double>> jitter_rfc3550);

/// How the one-way delay (`sent` to `arrived`) of unique messages varies, in three ways that
/// differ: PDV against the smallest delay, and IPDV against the message sent before (RFC 5481,
/// sections 4.1 and 4.2; RFC 3393), and the smoothed jitter of RTP (RFC 3550, section 6.4.1), which
/// is no percentile, starts at 0 and grows with reordering. A constant offset between the clocks of
/// the two ends cancels out of all of them. IPDV needs both messages, and finds the one sent before
/// when it came within 1024 numbers. Memory is fixed. Not thread-safe.
/// Rows: `pdv_seconds.{p50,p99,p999,max}`, `ipdv_seconds.{min,p50,p99,max}`,
/// `jitter_rfc3550_seconds`.
class NETDUEL_EXPORT DelayVariation {
 public:
  DelayVariation();

  void observe(const Arrival& arrival, Placement placement) {
    if (!is_unique(placement.order)) return;
    const std::chrono::nanoseconds delay = arrival.arrived - arrival.sent;
    if (first_.size() < most_first) {
      take_first(delay);
    } else {
      delays_.record(delay - reference_);
    }
    pair(arrival.sequence, delay);
    jitter_.observe(delay);
  }
  void describe(Report& report) const;

  /// Each value off by at most 1 %; empty when nothing arrived.
  DurationHistogram pdv() const;
  const SignedDurationHistogram& ipdv() const { return ipdv_; }
  /// nullopt before the second arrival.
  std::optional<std::chrono::duration<double>> jitter_rfc3550() const { return jitter_.value(); }

 private:
  friend struct MeterArchive;

  struct Recent {
    std::uint64_t sequence_and_1 = 0;
    std::chrono::nanoseconds delay{};
  };
  static constexpr std::size_t most_recent = 1024;
  static constexpr std::size_t most_first = 1024;

  void take_first(std::chrono::nanoseconds delay);

  Recent& recent(std::uint64_t sequence) {
    return recent_[static_cast<std::size_t>(sequence % most_recent)];
  }
  void pair(std::uint64_t sequence, std::chrono::nanoseconds delay) {
    if (sequence > 0) {
      const Recent& before = recent(sequence - 1);
      if (before.sequence_and_1 == sequence) ipdv_.record(delay - before.delay);
    }
    const Recent& behind = recent(sequence + 1);
    if (behind.sequence_and_1 == sequence + 2) ipdv_.record(behind.delay - delay);
    recent(sequence) = {sequence + 1, delay};
  }

  /// As they are, until there are enough to choose a reference.
  std::vector<std::chrono::nanoseconds> first_;
  /// Against the smallest of the first, so that an error of 1 % is one of the variation and not of
  /// the delay or of the clocks' offset. Empty until then.
  SignedDurationHistogram delays_;
  std::chrono::nanoseconds reference_{};
  SignedDurationHistogram ipdv_;
  std::vector<Recent> recent_;
  RtpJitter jitter_;
};

}  // namespace netduel
