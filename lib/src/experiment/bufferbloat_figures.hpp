#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "experiment/bufferbloat.hpp"

namespace netduel {

/// Round trips of a phase, those while it settled left out. Times are of what was answered.
struct RoundTripFigures {
  std::uint64_t sent = 0;
  std::uint64_t answered = 0;
  std::uint64_t lost = 0;
  std::optional<std::chrono::nanoseconds> min = {};
  std::optional<std::chrono::nanoseconds> p50 = {};
  std::optional<std::chrono::nanoseconds> p90 = {};
  std::optional<std::chrono::nanoseconds> p99 = {};
  std::optional<std::chrono::nanoseconds> max = {};
  std::chrono::nanoseconds settling{};
  /// The last quarter's median was above that of the quarter before by more than a tenth, so that
  /// the queue would have grown on.
  bool still_growing = false;
};

/// Pure. Percentiles as in RFC 2330, section 11.3.
RoundTripFigures figures_of(const BufferbloatPhase& phase);

/// When the queue has come to where it stays: the first round trip that takes nine tenths of the
/// median of the phase's second half. At least `shortest`, and at most six tenths of `time`. Pure.
std::chrono::nanoseconds settled_after(std::span<const RoundTrip> round_trips,
                                       std::chrono::nanoseconds shortest,
                                       std::chrono::nanoseconds time);

/// What a load adds to the idle path's round trip, as far as both are known. Pure.
struct AddedDelay {
  std::optional<std::chrono::nanoseconds> p50 = {};
  std::optional<std::chrono::nanoseconds> p99 = {};
  /// Of the loaded median, what is the queue's.
  std::optional<double> queue_share_ratio = {};
  /// Added median times goodput: about as much waits in the queue.
  std::optional<double> buffer_octets = {};
};
AddedDelay added_delay(const RoundTripFigures& loaded, const RoundTripFigures& idle,
                       std::optional<double> goodput_bits_per_second);

/// The first of that name; nullptr without one.
const BufferbloatPhase* phase_of(const Bufferbloat& result, std::string_view name);

}  // namespace netduel
