#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "experiment/delivery_trials.hpp"
#include "lab/star_spec.hpp"
#include "lab/star_truth.hpp"
#include "netduel/base/report.hpp"
#include "session/processors.hpp"

namespace netduel {

struct MulticastCompareSpec {
  /// How many there are, ascending, each number once.
  std::vector<std::size_t> receivers;
  DeliveryStream stream;
  /// Of each method with each number of receivers.
  std::size_t trials = 3;
  std::uint64_t seed = 0;
  /// With as many hosts beside a as the most receivers. Absent: over loopback.
  std::optional<StarSpec> star = {};
};

/// One method with one number of receivers.
struct DeliveryRow {
  DeliveryMethod method = DeliveryMethod::multicast;
  std::size_t receivers = 0;
  /// Those that ran to their end.
  std::vector<DeliveryTrial> trials = {};
  /// Why others could not be run: no connection came about, for example.
  std::vector<std::string> failures = {};
  /// Trials that this machine disturbed, left out and run again.
  std::size_t repeated = 0;
  /// Those of `trials` that it disturbed all the same.
  std::size_t disturbed = 0;
};

/// Everything that was measured, also when it was interrupted or failed midway.
struct MulticastComparison {
  MulticastCompareSpec spec;
  Processors processors;
  /// By number of receivers, then by method; all of them.
  std::vector<DeliveryRow> rows;
  std::optional<StarTruth> truth = {};
  /// Why there is no lab though one was tried.
  std::optional<std::string> no_lab = {};
  bool interrupted = false;
  std::optional<std::string> error = {};

  bool empty() const;
};

struct MulticastCompareProgress {
  DeliveryMethod method = DeliveryMethod::multicast;
  std::size_t receivers = 0;
  /// Trials that are over, and all.
  std::size_t done = 0;
  std::size_t trials = 0;
  std::chrono::nanoseconds left{};
};

/// Runs rounds of trials, each method with each number of receivers once a round and all with the
/// same schedule, in random order. Never throws for what goes wrong on the way. With a star this
/// process must be able to make network namespaces.
MulticastComparison compare_deliveries(
    const MulticastCompareSpec& spec, std::stop_token stop,
    const std::function<void(const MulticastCompareProgress&)>& progress);

}  // namespace netduel
