#include "lossless_text.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "netduel/base/units.hpp"

namespace netduel::tool {
namespace {

std::string time_text(std::chrono::nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

std::string rate_text(double per_stream, std::size_t streams) {
  return format_bit_rate(per_stream * static_cast<double>(streams));
}

std::string bounds_text(const Bounds& bounds) {
  if (bounds.low == bounds.high) return format_count(bounds.low);
  return format_count(bounds.low) + " to " + format_count(bounds.high);
}

std::string losses_text(const LosslessResult& result) {
  if (!result.lost_in_host || !result.lost_elsewhere) {
    return fmt::format("{:>9} lost", format_count(result.lost));
  }
  return fmt::format("{:>9} lost in the receiving host, {} elsewhere",
                     bounds_text(*result.lost_in_host), bounds_text(*result.lost_elsewhere));
}

std::string outcome_text(const LosslessTrial& trial) {
  const std::string not_offered = format_count(trial.result.skipped + trial.result.refused);
  if (trial.outcome == LosslessOutcome::not_offered) {
    return fmt::format("the sender fell short by {}", not_offered);
  }
  std::string text = trial.outcome == LosslessOutcome::lossless ? "lossless" : "lossy";
  if (trial.result.skipped > 0) text += fmt::format(" ({} not offered)", not_offered);
  return text;
}

std::string_view limit_text(RateLimit limit) {
  switch (limit) {
    case RateLimit::receiver:
      return ", limited by the receiver's socket buffer";
    case RateLimit::path:
      return ", limited by the path";
    case RateLimit::server:
      return ", limited by what the server allows";
    case RateLimit::sender:
      break;
  }
  return ", limited by the sender";
}

/// The one of the lowest rate.
const LosslessTrial* lowest(const LosslessFinding& finding) {
  const auto found = std::ranges::min_element(
      finding.trials, {}, [](const LosslessTrial& trial) { return trial.plan.bits_per_second; });
  return found == finding.trials.end() ? nullptr : &*found;
}

}  // namespace

std::string announcement(const LosslessSearchSpec& search) {
  return fmt::format(
      "-b max-lossless offers growing rates, up to the sender's full speed, until messages are "
      "lost: at most {} trials of {} in about {}, then the test itself of {}, at lower rates again "
      "where it loses",
      search.most_trials, time_text(search.trial_time), time_text(search.longest_search),
      time_text(search.confirming_time));
}

std::string search_head(const LosslessSearchSpec& search) {
  return fmt::format("Searching for the highest rate without loss, in trials of {}\n",
                     time_text(search.trial_time));
}

std::string confirming_head(const LosslessPlan& plan, std::size_t streams) {
  return fmt::format("Confirming {} over {}\n", rate_text(plan.bits_per_second, streams),
                     time_text(plan.time));
}

std::string search_progress(const LosslessPlan& plan, std::size_t number, std::size_t streams) {
  return fmt::format("trial {}: {} for {}", number, rate_text(plan.bits_per_second, streams),
                     time_text(plan.time));
}

std::string trial_text(const LosslessTrial& trial, std::size_t streams) {
  return fmt::format(
      "{:>13}  {:>11} sent  {}: {}\n", rate_text(trial.plan.bits_per_second, streams),
      format_count(trial.result.sent), losses_text(trial.result), outcome_text(trial));
}

std::string finding_text(const LosslessFinding& finding, std::size_t streams) {
  const std::string limit(finding.limited_by ? limit_text(*finding.limited_by) : "");
  if (!finding.bits_per_second) {
    const LosslessTrial* const trial = lowest(finding);
    if (trial == nullptr || !finding.finished) return "max lossless rate: not found so far\n";
    return fmt::format("max lossless rate: none found, {} is too much{}\n",
                       rate_text(trial->plan.bits_per_second, streams), limit);
  }
  std::string text =
      fmt::format("max lossless rate: {}", rate_text(*finding.bits_per_second, streams));
  if (finding.precision_ratio)
    text += fmt::format(" (±{})", format_ratio(*finding.precision_ratio));
  if (!finding.finished) {
    text += " so far";
  } else if (!finding.confirmed) {
    text += ", not confirmed over the whole time";
  }
  return text + limit + '\n';
}

}  // namespace netduel::tool
