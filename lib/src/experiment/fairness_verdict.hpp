#pragma once

#include <optional>
#include <string>
#include <vector>

#include "experiment/fairness.hpp"
#include "experiment/warnings.hpp"

namespace netduel {

/// What the phases say of the two transports.
struct FairnessSummary {
  /// Of all UDP flows, while they were there.
  std::optional<double> udp_goodput;
  /// By the rate that they were offered.
  std::optional<double> udp_kept_ratio;
  /// Of all TCP flows, in each phase.
  std::optional<double> tcp_alone;
  std::optional<double> tcp_beside_udp;
  std::optional<double> tcp_after;
  /// By `tcp_alone`.
  std::optional<double> tcp_fell_to_ratio;
  std::optional<double> tcp_recovered_to_ratio;
};

FairnessSummary summarize(const Fairness& fairness);

/// Of all that a flow's ledger tells; absent where delivery is guaranteed or nothing was sent.
std::optional<double> loss_ratio(const FairnessFlow& flow);

/// One line that claims no more than the figures show.
std::string verdict(const Fairness& fairness);

std::vector<Warning> warnings(const Fairness& fairness);

}  // namespace netduel
