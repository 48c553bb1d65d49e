#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "experiment/compare.hpp"
#include "experiment/link_truth.hpp"
#include "session/processors.hpp"

namespace netduel {

/// What differs from one path to the next: an impairment's option, or "length".
struct SweepAxis {
  std::string name;
  /// As typed.
  std::vector<std::string> values;
};

struct SweepSpec {
  SweepAxis axis;
  /// For each value of the axis a path and what it is to carry. Each has a lab.
  std::vector<CompareSpec> points;
  bool udp = true;
  bool tcp = true;
  /// Empty: all that the kernel has.
  std::vector<std::string> congestions;
  /// Of each contender at each point.
  std::size_t trials = 6;
  std::uint64_t seed = 0;

  std::chrono::nanoseconds trial_time(std::size_t point) const;
};

/// UDP, or TCP with one congestion control.
struct Contender {
  Transport transport = Transport::udp;
  std::string congestion = {};
};
/// "UDP", "TCP cubic".
std::string name_of(const Contender& contender);

/// What one contender did at one point.
struct SweepRow {
  Contender contender;
  /// Its trials, all paced, as those of a comparison of which it is the only part.
  Comparison measured;
  /// What its flows were on the link, all together.
  FlowOnLink link = {};
  /// Why trials could not be run: no connection came about, for example.
  std::vector<std::string> failures = {};
  /// Trials that this machine disturbed, left out and run again.
  std::size_t repeated = 0;
  /// Those of the others that it disturbed all the same.
  std::size_t disturbed = 0;

  /// Those that ran to their end or, when none did, all.
  std::vector<const TrialResult*> trials() const;
};

struct SweepPoint {
  std::string value;
  /// To each contender, payload bits per second.
  double offered_bits_per_second = 0;
  std::vector<SweepRow> rows;
  std::optional<Truth> truth = {};
};

/// Everything that a sweep measured, also when it was interrupted or failed midway.
struct Sweep {
  SweepSpec spec;
  Processors processors;
  /// Those with which anything ran.
  std::vector<SweepPoint> points;
  bool interrupted = false;
  std::optional<std::string> error;
};

struct SweepProgress {
  std::size_t point = 0;
  std::size_t points = 0;
  std::string value;
  std::string contender;
  /// Trials that are over, and all.
  std::size_t done = 0;
  std::size_t trials = 0;
  /// By what the trials until now have taken, or by what was planned.
  std::chrono::nanoseconds left{};
};

/// Runs, point by point, rounds of trials in which each contender is offered the same messages, in
/// random order, over the point's own emulated path. Never throws for what goes wrong on the way.
/// This process must be able to make network namespaces.
Sweep sweep(const SweepSpec& spec, std::stop_token stop,
            const std::function<void(const SweepProgress&)>& progress);

}  // namespace netduel
