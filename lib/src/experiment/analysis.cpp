#include "experiment/analysis.hpp"

#include <algorithm>
#include <array>
#include <future>
#include <numeric>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "netduel/measure/delay_variation.hpp"
#include "netduel/measure/loss_periods.hpp"
#include "netduel/measure/metrics.hpp"
#include "netduel/measure/reorder_density.hpp"
#include "netduel/measure/sequence_window.hpp"
#include "netduel/measure/statistics.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

constexpr std::array<std::pair<const char*, double>, 4> percentiles = {
    std::pair("p50", 0.5), {"p90", 0.9}, {"p99", 0.99}, {"p999", 0.999}};

double seconds(Time time) {
  return std::chrono::duration<double>(time).count();
}

/// Values of which a few percentiles (RFC 2330, section 11.3) are asked for, by rising ratio.
class Sample {
 public:
  explicit Sample(std::vector<Time> values) : values_(std::move(values)) {}

  /// `more` values are larger than all of these. nullopt when the percentile is among them.
  std::optional<Time> percentile(double ratio, std::uint64_t more = 0) {
    if (values_.empty()) return std::nullopt;
    const auto rank = static_cast<std::size_t>(percentile_rank(ratio, values_.size() + more));
    if (rank > values_.size()) return std::nullopt;
    const auto nth = values_.begin() + static_cast<std::ptrdiff_t>(rank - 1);
    if (rank > found_) {
      std::nth_element(values_.begin() + static_cast<std::ptrdiff_t>(found_), nth, values_.end());
      found_ = rank;
    } else if (rank < found_) {
      std::nth_element(values_.begin(), nth, values_.begin() + static_cast<std::ptrdiff_t>(found_));
      found_ = rank;
    }
    return *nth;
  }

 private:
  std::vector<Time> values_;
  /// The value of this rank is in its place, smaller ones before it.
  std::size_t found_ = 0;
};

void describe_sample(std::string_view name, Sample& sample, Time base, Report& report) {
  const Report::Scope scope(report, name);
  const auto add = [&](std::string_view key, std::optional<Time> value) {
    report.add_optional(key, value ? std::optional(seconds(*value - base)) : std::nullopt, "s");
  };
  add("min", sample.percentile(0));
  for (const auto& [key, ratio] : percentiles) add(key, sample.percentile(ratio));
  add("max", sample.percentile(1));
}

/// A message that came, once.
struct Delivered {
  std::uint64_t sequence = 0;
  Time delay{};
};

/// RFC 5481, section 4.1: against the message sent before, where both came.
std::vector<Time> variations(std::vector<Delivered> delivered) {
  std::ranges::sort(delivered, {}, &Delivered::sequence);
  std::vector<Time> found;
  found.reserve(delivered.size());
  for (std::size_t n = 1; n < delivered.size(); ++n) {
    const Delivered& before = delivered[n - 1];
    if (delivered[n].sequence != before.sequence + 1) continue;
    found.push_back(delivered[n].delay - before.delay);
  }
  return found;
}

/// A lost message of which nobody knows when it was sent was sent with the one before it. The rows
/// stay where they are, as their order tells which of two that arrived together came first.
void date_lost(std::vector<LoggedMessage>& messages) {
  if (std::ranges::none_of(messages, &LoggedMessage::undated)) return;
  std::vector<std::size_t> by_number(messages.size());
  std::iota(by_number.begin(), by_number.end(), std::size_t{0});
  std::ranges::stable_sort(by_number, {}, [&](std::size_t row) { return messages[row].sequence; });
  Time before = Time::min();
  for (const std::size_t row : by_number) {
    LoggedMessage& one = messages[row];
    if (one.undated) one.sent = before;
    before = one.sent;
  }
}

/// Leaves out what was sent in the time at the start.
void leave_out_start(std::vector<LoggedMessage>& messages, Time omit) {
  date_lost(messages);
  Time first = Time::max();
  for (const LoggedMessage& one : messages) {
    if (!one.undated) first = std::min(first, one.sent);
  }
  // By comparison and not by difference, as the earliest time there is may stand for unknown.
  std::erase_if(messages, [&](const LoggedMessage& one) { return one.sent < first + omit; });
  if (messages.empty()) throw LogError("--omit leaves nothing of the log; a shorter time works");
}

/// Without what the spec leaves out; in the order of arrival, lost ones last.
void prepare(std::vector<LoggedMessage>& messages, const AnalysisSpec& spec) {
  if (spec.omit > Time{}) leave_out_start(messages, spec.omit);
  for (LoggedMessage& one : messages) {
    one.lost = one.lost || (spec.longest_wait && one.arrived - one.sent > *spec.longest_wait);
  }
  const auto before = [](const LoggedMessage& one, const LoggedMessage& other) {
    return one.lost != other.lost ? other.lost : !one.lost && one.arrived < other.arrived;
  };
  if (!std::ranges::is_sorted(messages, before)) std::ranges::stable_sort(messages, before);
}

/// Numbers from the smallest to the largest.
struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  std::uint64_t length() const { return last - first + 1; }
};

Range range_of(const std::vector<LoggedMessage>& messages) {
  const auto [smallest, largest] = std::ranges::minmax(messages, {}, &LoggedMessage::sequence);
  return {smallest.sequence, largest.sequence};
}

struct Figures {
  explicit Figures(std::uint64_t first) : periods(first), density(first) {}

  Loss loss;
  LossPeriods periods;
  Reordering reordering;
  ReorderDensity density;
  Duplication duplication;
  Throughput throughput;
  IntervalThroughput intervals;
  RtpJitter jitter;
  std::vector<Delivered> delivered;

  void observe(const LoggedMessage& message, Placement placement) {
    const Arrival arrival{.sequence = message.sequence,
                          .octets = message.octets,
                          .sent = WallTime(message.sent),
                          .arrived = WallTime(message.arrived),
                          .read_at = WallTime(message.arrived)};
    loss.observe(arrival, placement);
    periods.observe(arrival, placement);
    reordering.observe(arrival, placement);
    density.observe(arrival, placement);
    throughput.observe(arrival, placement);
    intervals.observe(arrival, placement);
    duplication.observe(arrival, placement);
    if (is_unique(placement.order)) {
      const Time delay = message.arrived - message.sent;
      jitter.observe(delay);
      delivered.push_back({message.sequence, delay});
    }
  }
};

void describe_delays(std::vector<Delivered> delivered, std::uint64_t lost, Report& report) {
  std::vector<Time> values;
  values.reserve(delivered.size());
  for (const Delivered& one : delivered) values.push_back(one.delay);
  auto variation = std::async(std::launch::async, variations, std::move(delivered));
  Sample delays(std::move(values));
  const Time smallest = delays.percentile(0).value_or(Time{});
  describe_sample("delay_seconds", delays, {}, report);
  for (const auto& [key, ratio] : percentiles) {
    const auto value = delays.percentile(ratio, lost);
    report.add_optional(fmt::format("delay_with_losses_seconds.{}", key),
                        value ? std::optional(seconds(*value)) : std::nullopt, "s");
  }
  describe_sample("pdv_seconds", delays, smallest, report);
  Sample neighbours(variation.get());
  describe_sample("ipdv_seconds", neighbours, {}, report);
}

}  // namespace

Report analyze(std::vector<LoggedMessage> messages, const AnalysisSpec& spec) {
  const Range whole = range_of(messages);
  const std::uint64_t whole_sent = spec.sent.value_or(whole.length());
  if (whole_sent < whole.length()) {
    throw LogError(
        fmt::format("--sent {}: the log has numbers from {} to {}, so at least {} were sent",
                    whole_sent, whole.first, whole.last, whole.length()));
  }
  prepare(messages, spec);
  const auto [first, last] = range_of(messages);
  const std::uint64_t known = last - first + 1;
  // What was left out was sent too.
  const std::uint64_t sent = spec.sent ? whole.first + whole_sent - first : known;
  // As wide as the log, so that nothing is too far back to tell; 128 MiB at most.
  constexpr std::uint64_t widest = std::uint64_t{1} << 30;
  SequenceWindow window(first, std::min(known, widest));
  Figures figures(first);
  figures.delivered.reserve(messages.size());
  for (const LoggedMessage& one : messages) {
    if (!one.lost) figures.observe(one, window.place(one.sequence));
  }
  const std::uint64_t rows = messages.size();
  messages = {};
  figures.periods.finish(first + sent);
  figures.density.finish(first + sent);

  Report report;
  const std::uint64_t lost = figures.loss.lost(sent);
  report.add("schema", std::string("netduel/analyze/1"));
  report.add("rows", rows);
  report.add("sent", sent);
  report.add("unique", figures.loss.unique());
  report.add("lost", lost);
  report.add("loss_ratio", static_cast<double>(lost) / static_cast<double>(sent), "ratio");
  report.add("loss_interval", wilson_interval(lost, sent), "ratio");
  report.add("stale", figures.loss.stale());
  figures.duplication.describe(report);
  figures.reordering.describe(report);
  figures.density.describe(report);
  describe_delays(std::move(figures.delivered), lost, report);
  const auto jitter = figures.jitter.value();
  report.add_optional("jitter_rfc3550_seconds",
                      jitter ? std::optional(jitter->count()) : std::nullopt, "s");
  figures.periods.describe(report);
  // A log may be without octets.
  if (figures.throughput.unique_octets() > 0) {
    figures.throughput.describe(report);
    figures.intervals.describe(report);
  }
  return report;
}

}  // namespace netduel
