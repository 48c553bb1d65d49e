#include "experiment/verdict.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "experiment/summary.hpp"
#include "netduel/base/units.hpp"
#include "netduel/measure/paired.hpp"

namespace netduel {
namespace {

constexpr double practical_goodput = 0.05;
constexpr double practical_delay = 0.10;

using Figure = std::function<std::optional<double>(const TrialResult&)>;

/// Pairs of which both trials ran to their end and have the figure.
Interval ratio_of(const Comparison& comparison, Part part, const Figure& figure) {
  std::vector<double> udp;
  std::vector<double> tcp;
  for (std::size_t pair = 0; pair < comparison.spec.pairs_of(part); ++pair) {
    std::optional<double> of_udp;
    std::optional<double> of_tcp;
    for (const ComparedTrial& trial : comparison.trials) {
      if (trial.part != part || trial.pair != pair || trial.result.interrupted) continue;
      (trial.result.plan.transport == Transport::udp ? of_udp : of_tcp) = figure(trial.result);
    }
    if (!of_udp || !of_tcp) continue;
    udp.push_back(*of_udp);
    tcp.push_back(*of_tcp);
  }
  return paired_ratio(udp, tcp);
}

Figure delay_percentile(double percentile) {
  return [percentile](const TrialResult& trial) -> std::optional<double> {
    const auto delay = trial.receiver.meter.get<Delay>().to_read().percentile(percentile);
    if (!delay) return std::nullopt;
    return std::chrono::duration<double>(*delay).count();
  };
}

std::string in_words(const Interval& ratio) {
  return fmt::format("{:.2f} times TCP's [{:.2f}, {:.2f}]", *ratio.median, *ratio.low, *ratio.high);
}

std::string claim_in_words(const std::string& figure, const Interval& ratio, double practical) {
  if (!ratio.median) return fmt::format("{} was not compared", figure);
  if (!ratio.low) {
    return fmt::format("UDP's {} was {:.2f} times TCP's, with too few pairs to claim a difference",
                       figure, *ratio.median);
  }
  if (claim(ratio, practical) == Claim::no_difference_shown) {
    return fmt::format("no difference in {} shown, UDP's was {}", figure, in_words(ratio));
  }
  return fmt::format("UDP's {} was {}", figure, in_words(ratio));
}

std::string full_speed_verdict(const Comparison& comparison) {
  const auto udp = comparison.of(Part::full_speed, Transport::udp);
  const Ledger ledger = summarize(udp).ledger;
  const double lost = ledger.sent == 0 ? 0
                                       : static_cast<double>(ledger.sent - ledger.delivered) /
                                             static_cast<double>(ledger.sent);
  return fmt::format(
      "At full speed: {}, and {} of UDP's messages were lost.",
      claim_in_words("goodput", ratios(comparison, Part::full_speed).goodput, practical_goodput),
      format_ratio(lost));
}

std::string paced_verdict(const Comparison& comparison) {
  return fmt::format(
      "At {} offered by both: {}.", format_bit_rate(comparison.paced_bits_per_second.value_or(0)),
      claim_in_words("p99 delay", ratios(comparison, Part::paced).delay_p99, practical_delay));
}

}  // namespace

PartRatios ratios(const Comparison& comparison, Part part) {
  return {.goodput = ratio_of(comparison, part, goodput),
          .delay_p50 = ratio_of(comparison, part, delay_percentile(0.50)),
          .delay_p99 = ratio_of(comparison, part, delay_percentile(0.99))};
}

std::string verdict(const Comparison& comparison) {
  const auto both_ran = [&](Part part) {
    return !comparison.of(part, Transport::udp).empty() &&
           !comparison.of(part, Transport::tcp).empty();
  };
  std::string text;
  if (both_ran(Part::full_speed)) text = full_speed_verdict(comparison);
  if (both_ran(Part::paced)) {
    if (!text.empty()) text += ' ';
    text += paced_verdict(comparison);
  }
  return text.empty() ? "Nothing to compare: not both transports were measured." : text;
}

}  // namespace netduel
