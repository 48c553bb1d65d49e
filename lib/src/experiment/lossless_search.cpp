#include "experiment/lossless_search.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace netduel {
namespace {

/// What a schedule's first and last interval may hold more or less is no sender's fault.
constexpr std::uint64_t skipped_at_the_ends = 2;

/// From this shortfall on a loss is put down to the sender.
constexpr double worth_blaming = 0.1;

/// From one failed confirmation to the next the rate is lowered by this many times as much: where
/// a long trial loses what a short one doesn't, nobody knows by how much.
constexpr double lowered_more = 3;
/// However much was missing.
constexpr double lowered_most = 0.9;

/// A machine that stalls in one of seven trials (15 %) would else give a bound far too low to one
/// search in forty.
constexpr unsigned asked_again_at_the_end = 2;

double ratio(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

/// The part of what was offered that didn't arrive. What was left out is no hint of a better rate.
double missing_ratio(const LosslessResult& result) {
  return ratio(result.lost + result.refused, result.sent + result.refused);
}

double shortfall_ratio(const LosslessResult& result) {
  return ratio(result.skipped, result.skipped + result.sent);
}

/// Of each stream: what was sent, by the time that it took to come. A queue on the path takes a
/// higher rate for a while, and is still emptying when the last has been sent.
double carried_rate(const LosslessTrial& trial) {
  const LosslessResult& result = trial.result;
  const double offered = trial.plan.bits_per_second * (1 - shortfall_ratio(result));
  if (result.came_in <= result.time || result.time.count() <= 0) return offered;
  return offered * std::chrono::duration<double>(result.time) /
         std::chrono::duration<double>(result.came_in);
}

bool is_most(const std::optional<Bounds>& part, std::uint64_t lost) {
  return part && 2 * part->low >= lost;
}

std::optional<RateLimit> limit_of(const LosslessTrial& trial) {
  if (trial.outcome == LosslessOutcome::not_offered) return RateLimit::sender;
  if (shortfall_ratio(trial.result) > worth_blaming) return RateLimit::sender;
  if (is_most(trial.result.lost_in_host, trial.result.lost)) return RateLimit::receiver;
  if (is_most(trial.result.lost_elsewhere, trial.result.lost)) return RateLimit::path;
  return std::nullopt;
}

}  // namespace

LosslessSearch::LosslessSearch(const LosslessSearchSpec& spec) : spec_(spec) {
  try_rate(std::max(spec_.first_bits_per_second, spec_.lowest_bits_per_second));
}

/// Rounded down: a server counts all streams together.
void LosslessSearch::set_server_limit(double bits_per_second) {
  const double highest = std::floor(bits_per_second);
  if (highest > spec_.highest_bits_per_second) return;
  has_server_limit_ = true;
  spec_.highest_bits_per_second = highest;
  spec_.lowest_bits_per_second = std::min(spec_.lowest_bits_per_second, highest);
}

const LosslessTrial& LosslessSearch::add(const LosslessResult& result) {
  assert(next_);
  const LosslessPlan plan = *next_;
  trials_.push_back({.plan = plan, .result = result, .outcome = outcome_of(plan, result)});
  const LosslessTrial& trial = trials_.back();
  if (plan.confirming) {
    add_confirmation(trial);
    return trial;
  }
  spent_ += result.took;
  Load& load = loads_[plan.bits_per_second];
  load.last_was_good = trial.outcome == LosslessOutcome::lossless;
  ++(load.last_was_good ? load.trials.good : load.trials.bad);
  choose();
  return trial;
}

/// A long trial shows that what its sender really offered isn't lost, however much it left out.
LosslessOutcome LosslessSearch::outcome_of(const LosslessPlan& plan,
                                           const LosslessResult& result) const {
  const bool too_slow = !plan.confirming && falls_short(result);
  if (result.sent == 0 || result.refused > 0 || too_slow) return LosslessOutcome::not_offered;
  return result.lost > 0 ? LosslessOutcome::lossy : LosslessOutcome::lossless;
}

bool LosslessSearch::falls_short(const LosslessResult& result) const {
  return result.skipped > skipped_at_the_ends &&
         shortfall_ratio(result) > spec_.tolerated_shortfall_ratio;
}

void LosslessSearch::choose() {
  const Rate lower = highest_that_holds();
  if (is_spent()) return confirm(lower);
  if (is_in_doubt(loads_[next_->bits_per_second])) return;
  if (!lower) {
    const double lowest = loads_.begin()->first;
    if (lowest <= spec_.lowest_bits_per_second) return confirm(std::nullopt);
    return try_rate(lowest / spec_.growth);
  }
  const Rate upper = lowest_that_fails(*lower);
  if (!upper) {
    if (*lower >= spec_.highest_bits_per_second) return confirm(lower);
    return try_rate(*lower * spec_.growth);
  }
  if (*upper > *lower * (1 + spec_.precision_ratio)) return try_rate(std::sqrt(*lower * *upper));
  if (loads_[*upper].asked_again++ >= asked_again_at_the_end) return confirm(lower);
  try_rate(*upper);
}

/// Rates that were tried already are within the limits and stay exactly what they are.
void LosslessSearch::try_rate(double bits_per_second) {
  const double within =
      std::clamp(bits_per_second, spec_.lowest_bits_per_second, spec_.highest_bits_per_second);
  next_ = LosslessPlan{.bits_per_second = std::round(within), .time = spec_.trial_time};
}

void LosslessSearch::confirm(Rate bits_per_second) {
  next_.reset();
  if (!bits_per_second) return;
  next_ = LosslessPlan{
      .bits_per_second = *bits_per_second, .time = spec_.confirming_time, .confirming = true};
}

void LosslessSearch::add_confirmation(const LosslessTrial& trial) {
  const double rate = trial.plan.bits_per_second;
  next_.reset();
  if (trial.outcome == LosslessOutcome::lossless) {
    confirmed_ = true;
    return;
  }
  lowest_failed_confirmation_ = rate;
  ++failed_confirmations_;
  if (failed_confirmations_ >= spec_.most_confirmations || rate <= spec_.lowest_bits_per_second) {
    return;
  }
  // What the first ones lose is mostly what a queue had hidden from shorter trials: a small excess.
  const unsigned again = std::max(failed_confirmations_, 2u) - 2;
  const double step = spec_.precision_ratio * std::pow(lowered_more, again);
  const double kept = 1 - std::min(missing_ratio(trial.result), lowered_most);
  const double lower = rate * std::min(kept, 1 / (1 + step));
  confirm(std::max(std::floor(lower), spec_.lowest_bits_per_second));
}

bool LosslessSearch::is_spent() const {
  return trials_.size() >= spec_.most_trials || spent_ >= spec_.longest_search;
}

/// Whether another trial of that load may change what is thought of it.
bool LosslessSearch::is_in_doubt(const Load& load) const {
  if (load.trials.bad == 0) return false;
  const LoadBound bound = bound_of(load.trials, goal_);
  return bound == LoadBound::undecided || (bound == LoadBound::upper && load.last_was_good);
}

bool LosslessSearch::holds(const Load& load) const {
  if (load.trials.bad == 0) return load.trials.good > 0;
  return bound_of(load.trials, goal_) == LoadBound::lower;
}

/// What lost below it was noise, or will show when it is confirmed.
LosslessSearch::Rate LosslessSearch::highest_that_holds() const {
  for (auto load = loads_.rbegin(); load != loads_.rend(); ++load) {
    if (holds(load->second)) return load->first;
  }
  return std::nullopt;
}

LosslessSearch::Rate LosslessSearch::lowest_that_fails(double above) const {
  for (auto load = loads_.upper_bound(above); load != loads_.end(); ++load) {
    if (bound_of(load->second.trials, goal_) == LoadBound::upper) return load->first;
  }
  return std::nullopt;
}

/// Without a confirmation: of the highest rate that held and that none has spoken against.
const LosslessTrial* LosslessSearch::found() const {
  if (confirmed_) return &trials_.back();
  Rate best;
  for (const auto& [rate, load] : loads_) {
    if (lowest_failed_confirmation_ && rate >= *lowest_failed_confirmation_) break;
    if (holds(load)) best = rate;
  }
  const auto last = std::find_if(trials_.rbegin(), trials_.rend(), [&](const LosslessTrial& trial) {
    return trial.outcome == LosslessOutcome::lossless && trial.plan.bits_per_second == best;
  });
  return last == trials_.rend() ? nullptr : &*last;
}

/// The last failed trial of the lowest rate above `bits_per_second` that, all in all, didn't hold.
const LosslessTrial* LosslessSearch::failed_above(double bits_per_second) const {
  const LosslessTrial* lowest = nullptr;
  for (const LosslessTrial& trial : trials_) {
    const double rate = trial.plan.bits_per_second;
    if (trial.outcome == LosslessOutcome::lossless || rate <= bits_per_second) continue;
    if (!trial.plan.confirming && holds(loads_.at(rate))) continue;
    if (lowest == nullptr || rate <= lowest->plan.bits_per_second) lowest = &trial;
  }
  return lowest;
}

bool LosslessSearch::reached_server_limit(const LosslessTrial* best) const {
  return has_server_limit_ && best != nullptr &&
         best->plan.bits_per_second >= spec_.highest_bits_per_second;
}

LosslessFinding LosslessSearch::finding() const {
  LosslessFinding finding{.trials = trials_,
                          .bits_per_second = {},
                          .precision_ratio = {},
                          .confirmed = confirmed_,
                          .limited_by = {},
                          .finished = !next_};
  const LosslessTrial* const best = found();
  if (best != nullptr) finding.bits_per_second = carried_rate(*best);
  if (!finding.finished) return finding;
  if (best != nullptr && falls_short(best->result)) {
    finding.limited_by = RateLimit::sender;
    return finding;
  }
  const LosslessTrial* const above = failed_above(best != nullptr ? best->plan.bits_per_second : 0);
  if (above == nullptr) {
    if (reached_server_limit(best)) finding.limited_by = RateLimit::server;
    return finding;
  }
  finding.limited_by = limit_of(*above);
  if (best != nullptr && finding.limited_by != RateLimit::sender) {
    finding.precision_ratio = above->plan.bits_per_second / *finding.bits_per_second - 1;
  }
  return finding;
}

}  // namespace netduel
