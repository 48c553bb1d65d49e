#include "experiment/analysis.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "experiment/decimal_seconds.hpp"
#include "experiment/exact_sample.hpp"
#include "experiment/stream_figures.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/measure/statistics.hpp"

namespace netduel {
namespace {

using Time = std::chrono::nanoseconds;

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
  Time first = furthest_logged_time;
  for (const LoggedMessage& one : messages) {
    if (!one.undated) first = std::min(first, one.sent);
  }
  // Enough to leave out everything, and no more than fits.
  const Time start = first + std::min(omit, 2 * furthest_logged_time + Time(1));
  // By comparison and not by difference, as the earliest time there is may stand for unknown.
  std::erase_if(messages, [&](const LoggedMessage& one) { return one.sent < start; });
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

/// nullopt when the spec leaves nothing of the stream.
std::optional<StreamFigures> figures_of(std::vector<LoggedMessage> messages,
                                        const AnalysisSpec& spec) {
  const Range whole = range_of(messages);
  if (spec.sent && *spec.sent < whole.length()) {
    throw LogError(
        fmt::format("--sent {}: the log has numbers from {} to {}, so at least {} were sent",
                    *spec.sent, whole.first, whole.last, whole.length()));
  }
  prepare(messages, spec);
  if (messages.empty()) return std::nullopt;
  const Range kept = range_of(messages);
  // What was left out was sent too.
  const std::uint64_t sent = spec.sent ? whole.first + *spec.sent - kept.first : kept.length();
  return figures_of(std::move(messages), kept.first, sent);
}

void describe_duplication(const StreamFigures& figures, Report& report) {
  const auto by_unique = [&](std::uint64_t count) {
    return figures.unique > 0
               ? std::optional(static_cast<double>(count) / static_cast<double>(figures.unique))
               : std::nullopt;
  };
  report.add("duplicates", figures.duplicates);
  report.add_optional("duplication_fraction", by_unique(figures.duplicates), "ratio");
  report.add_optional("replicated_ratio", by_unique(figures.replicated), "ratio");
}

void describe_delays(StreamFigures& figures, std::uint64_t lost, Report& report) {
  {
    ExactSample delays(std::move(figures.delays));
    delays.describe("delay_seconds", report);
    delays.describe_with_more("delay_with_losses_seconds", lost, report);
  }
  ExactSample(std::move(figures.pdv)).describe("pdv_seconds", report);
  ExactSample(std::move(figures.ipdv)).describe("ipdv_seconds", report);
  report.add_optional("jitter_rfc3550_seconds", median(figures.jitters), "s");
}

void describe_throughput(const StreamFigures& figures, Report& report) {
  // A log may be without octets.
  if (figures.octets == 0) return;
  const auto seconds = figures.duration_seconds;
  report.add("delivered_octets", figures.octets, "octets");
  report.add_optional("duration_seconds", seconds, "s");
  report.add_optional("goodput_bits_per_second",
                      seconds && *seconds > 0
                          ? std::optional(8 * static_cast<double>(figures.octets) / *seconds)
                          : std::nullopt,
                      "bit/s");
  if (figures.intervals) figures.intervals->describe(report);
}

Report report_of(StreamFigures figures, std::uint64_t streams) {
  Report report;
  const std::uint64_t lost = figures.sent > figures.unique ? figures.sent - figures.unique : 0;
  report.add("schema", std::string("netduel/analyze/1"));
  report.add("streams", streams);
  report.add("rows", figures.rows);
  report.add("sent", figures.sent);
  report.add("unique", figures.unique);
  report.add("lost", lost);
  report.add("loss_ratio", static_cast<double>(lost) / static_cast<double>(figures.sent), "ratio");
  report.add("loss_interval", wilson_interval(lost, figures.sent), "ratio");
  report.add("stale", figures.stale);
  describe_duplication(figures, report);
  figures.reordering.describe(report);
  figures.density.describe(report);
  describe_delays(figures, lost, report);
  figures.loss_periods.describe(report);
  describe_throughput(figures, report);
  return report;
}

}  // namespace

Report analyze(ArrivalLog log, const AnalysisSpec& spec) {
  if (spec.sent && log.size() > 1) {
    throw LogError(
        fmt::format("--sent {}: the log has {} trials, and its rows tell what each of them sent",
                    *spec.sent, log.size()));
  }
  std::optional<StreamFigures> all;
  std::uint64_t streams = 0;
  for (std::vector<LoggedMessage>& messages : log) {
    std::optional<StreamFigures> one = figures_of(std::exchange(messages, {}), spec);
    if (!one) continue;
    ++streams;
    if (all) {
      all->merge(std::move(*one));
    } else {
      all = std::move(one);
    }
  }
  if (!all) throw LogError("--omit leaves nothing of the log; a shorter time works");
  return report_of(std::move(*all), streams);
}

}  // namespace netduel
