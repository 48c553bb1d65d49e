#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "netduel/wire/overhead.hpp"

namespace netduel {

/// TCP's flows last through all three, UDP's through the second.
enum class FairnessPhase : std::uint8_t { tcp_alone, udp_joins, udp_leaves };

inline constexpr auto fairness_phases = {FairnessPhase::tcp_alone, FairnessPhase::udp_joins,
                                         FairnessPhase::udp_leaves};

std::string_view name_of(FairnessPhase phase);
bool takes_part(Transport transport, FairnessPhase phase);

/// When the flows of a run are looked at: a time since they began, and what ends there.
struct FairnessStop {
  std::chrono::nanoseconds at{};
  FairnessPhase phase = FairnessPhase::tcp_alone;
  /// Before the figures of the phase begin.
  bool settling = false;
};

/// How a run is cut up.
struct FairnessTimes {
  /// Of each phase.
  std::chrono::nanoseconds phase = std::chrono::seconds(5);
  std::chrono::nanoseconds interval = std::chrono::milliseconds(500);
  /// What the figures of a phase leave out at its start, shorter than the phase.
  std::chrono::nanoseconds settling = std::chrono::seconds(1);
};

/// The ends of all intervals, in order. Intervals begin anew with each phase and where its settling
/// ends, so that what is left of either is a shorter one.
std::vector<FairnessStop> stops(const FairnessTimes& times);

/// What a flow has done so far, or in an interval.
struct FlowProgress {
  std::uint64_t octets = 0;  ///< of messages that came, without duplicates
  std::uint64_t messages = 0;
  /// Numbers that are missing. Of an interval it is none where more came late than were lost.
  std::uint64_t lost = 0;
  /// Absent where nothing is sent again, or nobody can tell.
  std::optional<std::uint64_t> retransmitted_segments = {};
};

FlowProgress since(const FlowProgress& before, const FlowProgress& now);

struct FairnessInterval {
  FairnessPhase phase = FairnessPhase::tcp_alone;
  bool settling = false;
  std::chrono::nanoseconds start{};
  std::chrono::nanoseconds end{};
  /// How much later that is than it was to be, as this machine had no time for it.
  std::chrono::nanoseconds late{};
  /// One for each flow of the run, also where it takes no part.
  std::vector<FlowProgress> flows;
  /// How long a packet would have waited before the bottleneck, at random times.
  std::vector<std::chrono::nanoseconds> queue;

  double seconds() const { return std::chrono::duration<double>(end - start).count(); }
  /// Payload bits per second; absent where no time has passed.
  std::optional<double> goodput(std::size_t flow) const;
};

struct PhaseFlow {
  /// Among the flows of the run.
  std::size_t flow = 0;
  std::optional<double> goodput = {};
  /// Of the sum of all goodputs.
  std::optional<double> share = {};
  std::optional<std::uint64_t> retransmitted_segments = {};
};

/// Of the intervals of a phase that are behind its settling time. What is of no such interval, or
/// of one in which no time has passed, is absent.
struct PhaseFigures {
  FairnessPhase phase = FairnessPhase::tcp_alone;
  double seconds = 0;
  /// Those that take part.
  std::vector<PhaseFlow> flows = {};
  std::optional<double> jain_index = {};
  std::optional<double> queue_median_seconds = {};
  std::optional<double> queue_largest_seconds = {};
  /// In how much of the time the bottleneck was sending.
  std::optional<double> busy_ratio = {};
};

PhaseFigures figures_of(FairnessPhase phase, std::span<const FairnessInterval> intervals,
                        std::span<const Transport> flows);

/// Over the flows of one transport that have a goodput; absent when none has.
std::optional<double> goodput_of(Transport transport, const PhaseFigures& figures,
                                 std::span<const Transport> flows);

/// The median of an interval's samples.
std::optional<double> queue_seconds(const FairnessInterval& interval);

}  // namespace netduel
