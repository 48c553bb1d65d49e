#include "experiment/verdict.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <vector>

#include <fmt/format.h>

#include "experiment/summary.hpp"
#include "netduel/base/units.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/measure/statistics.hpp"

namespace netduel {
namespace {

constexpr double practical_goodput = 0.05;
constexpr double practical_delay = 0.10;
/// Above this share the two transports were not offered the same.
constexpr double most_not_offered = 0.05;

const std::string unknown_delays = "none: one-way delays aren't known";
const std::string undefined_in_a_pair = "none: in one pair it lies among lost messages";

using Figure = std::function<std::optional<double>(const TrialResult&)>;

/// The trial of a pair, if it ran to its end.
const TrialResult* whole_trial(const Comparison& comparison, Part part, std::size_t pair,
                               Transport transport) {
  for (const ComparedTrial& trial : comparison.trials) {
    const bool wanted =
        trial.part == part && trial.pair == pair && trial.result.plan.transport == transport;
    if (wanted && !trial.result.interrupted) return &trial.result;
  }
  return nullptr;
}

struct FiguresByPair {
  std::vector<double> udp;
  std::vector<double> tcp;
};

/// Of the pairs of which both trials ran to their end. Where one of those has no such figure there
/// are none: leaving out just that pair would leave out the worst.
std::optional<FiguresByPair> by_pair(const Comparison& comparison, Part part,
                                     const Figure& figure) {
  FiguresByPair found;
  for (std::size_t pair = 0; pair < comparison.spec.pairs_of(part); ++pair) {
    const TrialResult* const udp_trial = whole_trial(comparison, part, pair, Transport::udp);
    const TrialResult* const tcp_trial = whole_trial(comparison, part, pair, Transport::tcp);
    if (udp_trial == nullptr || tcp_trial == nullptr) continue;
    const auto of_udp = figure(*udp_trial);
    const auto of_tcp = figure(*tcp_trial);
    if (!of_udp || !of_tcp) return std::nullopt;
    found.udp.push_back(*of_udp);
    found.tcp.push_back(*of_tcp);
  }
  return found;
}

Interval ratio_of(const Comparison& comparison, Part part, const Figure& figure) {
  const auto figures = by_pair(comparison, part, figure);
  if (figures) return paired_ratio(figures->udp, figures->tcp);
  return {.median = {}, .low = {}, .high = {}, .method = undefined_in_a_pair};
}

Figure delay_percentile(double percentile) {
  return [percentile](const TrialResult& trial) -> std::optional<double> {
    // What never arrived, or was never taken, was infinitely late (RFC 7679, section 5.1).
    const Ledger& ledger = trial.ledger;
    const std::uint64_t due = ledger.offered + trial.sender.left_at_the_end;
    const std::uint64_t never = due - std::min(due, ledger.delivered);
    const auto delay = trial.delay().to_read().percentile(percentile, never);
    if (!delay) return std::nullopt;
    return std::chrono::duration<double>(*delay).count();
  };
}

Interval delay_ratio(const Comparison& comparison, Part part, double percentile) {
  const bool known = std::ranges::all_of(std::array{Transport::udp, Transport::tcp},
                                         [&](const Transport transport) {
                                           const auto trials = comparison.of(part, transport);
                                           return trials.empty() || summarize(trials).known.delays;
                                         });
  if (known) return ratio_of(comparison, part, delay_percentile(percentile));
  return {.median = {}, .low = {}, .high = {}, .method = unknown_delays};
}

std::string in_words(const Interval& ratio) {
  return fmt::format("{:.4g} times TCP's [{:.4g}, {:.4g}]", *ratio.median, *ratio.low, *ratio.high);
}

std::string claim_in_words(const std::string& figure, const Interval& ratio, double practical) {
  if (ratio.method == unknown_delays) {
    return fmt::format("{} was not compared, as one-way delays between the two hosts aren't known",
                       figure);
  }
  if (!ratio.median && ratio.method != undefined_in_a_pair) {
    return fmt::format("{} was not compared, as no pair of trials has both figures", figure);
  }
  if (!ratio.median) {
    return fmt::format("{} can't be compared, as it lies among messages that never arrived",
                       figure);
  }
  if (!ratio.low) {
    return fmt::format("UDP's {} was {:.4g} times TCP's, with too few pairs to claim a difference",
                       figure, *ratio.median);
  }
  if (claim(ratio, practical) == Claim::no_difference_shown) {
    return fmt::format("no difference in {} shown, UDP's was {}", figure, in_words(ratio));
  }
  return fmt::format("UDP's {} was {}", figure, in_words(ratio));
}

std::string udp_losses(const Comparison& comparison, Part part) {
  const Summary udp = summarize(comparison.of(part, Transport::udp));
  return fmt::format("{} of UDP's messages were lost",
                     format_ratio(loss_ratio(udp.ledger).value_or(0)));
}

std::string full_speed_verdict(const Comparison& comparison) {
  return fmt::format(
      "{}: {}, and {}.",
      comparison.spec.udp_follows_tcp() ? "UDP being offered what TCP achieved" : "At full speed",
      claim_in_words("goodput", ratios(comparison, Part::full_speed).goodput, practical_goodput),
      udp_losses(comparison, Part::full_speed));
}

/// The share of what was due that was never offered.
double not_offered(const Comparison& comparison, Transport transport) {
  const Ledger ledger = summarize(comparison.of(Part::paced, transport)).ledger;
  const auto due = static_cast<double>(ledger.offered + ledger.skipped);
  return due > 0 ? static_cast<double>(ledger.skipped) / due : 0;
}

std::string paced_verdict(const Comparison& comparison) {
  const std::string rate = format_bit_rate(comparison.paced_bits_per_second.value_or(0));
  const double udp = not_offered(comparison, Transport::udp);
  const double tcp = not_offered(comparison, Transport::tcp);
  if (std::max(udp, tcp) > most_not_offered) {
    return fmt::format(
        "{} was not offered by both ({} of UDP's messages and {} of TCP's never were), so their "
        "delays are not compared.",
        rate, format_ratio(udp), format_ratio(tcp));
  }
  return fmt::format(
      "At {} offered by both: {}, and {}.", rate,
      claim_in_words("p99 delay", ratios(comparison, Part::paced).delay_p99, practical_delay),
      udp_losses(comparison, Part::paced));
}

}  // namespace

PartRatios ratios(const Comparison& comparison, Part part) {
  return {.goodput = ratio_of(comparison, part, goodput),
          .delay_p50 = delay_ratio(comparison, part, 0.50),
          .delay_p99 = delay_ratio(comparison, part, 0.99)};
}

Interval goodput_bootstrap(const Comparison& comparison, Part part) {
  const auto figures = by_pair(comparison, part, goodput).value_or(FiguresByPair{});
  return bootstrap_paired_ratio(figures.udp, figures.tcp, comparison.spec.seed);
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
