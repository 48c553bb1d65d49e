#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "experiment/fairness_figures.hpp"
#include "experiment/local_trials.hpp"
#include "lab/lab.hpp"
#include "session/processors.hpp"

namespace netduel {

/// Flows that share the bottleneck of an emulated path, from its host a to its host b.
struct FairnessSpec {
  LabSpec lab;
  /// The congestion control of each TCP flow; empty for the system's.
  std::vector<std::string> tcp;
  /// Payload bits per second of each UDP flow.
  std::vector<double> udp;
  FairnessTimes times;
  /// Absent: what fits the MTU without fragmentation for both transports.
  std::optional<std::size_t> message_octets;
  IpVersion ip_version = IpVersion::v4;
  std::uint64_t seed = 0;

  std::size_t message_length() const;
  /// Of all UDP flows.
  double udp_bits_per_second() const;
  double bottleneck_bits_per_second() const;
};

struct FairnessFlow {
  Transport transport = Transport::tcp;
  /// As asked for; empty for the system's, and for UDP.
  std::string congestion;
  /// What UDP was offered.
  std::optional<double> bits_per_second = {};
  /// Absent where it did not come to one.
  std::optional<PathTrial> trial = {};

  /// As the connection had it, or else as asked for; absent for UDP and where nobody can tell.
  std::optional<std::string> congestion_in_use() const;
};

/// Everything that was seen, also when the run was interrupted or failed midway.
struct Fairness {
  FairnessSpec spec;
  Processors processors;
  /// TCP's, then UDP's.
  std::vector<FairnessFlow> flows;
  /// In order, until the run's end. One whose end had passed before it began is left out.
  std::vector<FairnessInterval> intervals;
  bool interrupted = false;
  /// What the emulated path did, in all.
  std::optional<Truth> truth = {};
  /// Why the run ended early: set-up failed.
  std::optional<std::string> error = {};

  std::vector<Transport> transports() const;
  /// Of those that were begun.
  std::vector<PhaseFigures> phases() const;
};

/// Thirty round trips with a full queue: flows need about half of these to settle.
std::chrono::nanoseconds shortest_sound_phase(const LabSpec& lab);

/// A phase of that length, or of one that the path asks for, in usual parts.
FairnessTimes usual_times(const LabSpec& lab, std::optional<std::chrono::nanoseconds> phase);

/// Begins with the spec's flows, none of which has run.
Fairness fairness_of(const FairnessSpec& spec);

/// Runs the flows over `lab`, which is that of the spec, started. `seen` is called after each
/// interval, from this thread. Never throws for what goes wrong on the way.
Fairness run_fairness(const FairnessSpec& spec, Lab& lab, const std::stop_token& stop,
                      const std::function<void(const Fairness&)>& seen);

}  // namespace netduel
