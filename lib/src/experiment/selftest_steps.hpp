#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "experiment/compare.hpp"
#include "experiment/local_trials.hpp"
#include "experiment/selftest_judge.hpp"

namespace netduel {

/// One check of the selftest: each try looks at this machine once and judges what it saw.
struct SelftestStep {
  std::string id;
  /// What holds where it is verified.
  std::string name;
  bool needs_lab = false;
  /// Throws as trials do where something can't be set up.
  std::function<Judgement(std::uint64_t seed, const std::stop_token& stop)> try_once;
};

// By what they ask for, in the order in which they run.

/// Which messages were lost, came twice or out of order, and where.
void add_count_steps(std::vector<SelftestStep>& steps);
/// Whether what came is what was sent.
void add_integrity_steps(std::vector<SelftestStep>& steps);
/// When messages left and came.
void add_time_steps(std::vector<SelftestStep>& steps);
/// What this system can do. Made when the selftest begins: from then on its clocks are watched.
void add_system_steps(std::vector<SelftestStep>& steps);

// What they share.

/// A trial of a selftest: a plan of a comparison, paced.
struct SelftestPlan {
  CompareSpec spec;
  Transport transport = Transport::udp;
  double bits_per_second = 0;
  std::size_t burst_messages = 1;
  bool logs_arrivals = false;
};

struct SelftestTrial {
  PathTrial trial;
  /// Of the emulated path, if it ran over one.
  std::optional<Truth> truth = {};
};

/// Over loopback, or over an emulated path made for this trial alone. Throws std::system_error.
SelftestTrial run(const SelftestPlan& plan, const std::stop_token& stop);

Pace pace_of(const TrialResult& trial);
LabStrain strain_of(const Truth& truth);

}  // namespace netduel
