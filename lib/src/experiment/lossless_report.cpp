#include "experiment/lossless_report.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "experiment/test_figures.hpp"
#include "experiment/test_report.hpp"

namespace netduel {
namespace {

constexpr auto method =
    "growing rates, then geometric bisection, doubtful trials repeated (RFC 2544, section 26.1; "
    "RFC 9971)";

double in_seconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

/// How many messages were due while the stream was sent: its sender may not count what it left out,
/// or have been stopped with some of it left.
std::uint64_t due_messages(const TestParameters& parameters, double seconds) {
  const double due =
      parameters.bits_per_second * seconds / (8 * static_cast<double>(parameters.length));
  return static_cast<std::uint64_t>(std::max(0.0, due));
}

void add(std::optional<Bounds>& sum, const std::optional<Bounds>& part) {
  if (!sum || !part) {
    sum.reset();
    return;
  }
  sum->low += part->low;
  sum->high += part->high;
}

/// False where the stream's ends couldn't tell.
bool add_stream(const TestRecord& record, std::size_t stream, double planned_seconds,
                LosslessResult& sum) {
  const TestFigures figures = figures_of(record, stream);
  if (!figures.sent_packets) return false;
  double seconds = figures.sender_seconds;
  std::uint64_t offered = *figures.sent_packets;
  std::uint64_t skipped = 0;
  if (const SenderReport* const sender = sender_report(record, stream)) {
    seconds = in_seconds(sender->sending);
    offered = sender->counts.offered;
    skipped = sender->counts.skipped;
    sum.refused += sender->counts.refused;
  }
  const std::uint64_t due = due_messages(record.parameters, std::min(seconds, planned_seconds));
  sum.skipped += std::max(skipped, due - std::min(due, offered));
  sum.sent += *figures.sent_packets;
  if (const auto ledger = ledger_of(record, stream)) {
    sum.lost += ledger->sent - std::min(ledger->sent, ledger->delivered);
    add(sum.lost_in_host, ledger->lost_in_host);
    add(sum.lost_elsewhere, ledger->lost_elsewhere);
    return true;
  }
  sum.lost += figures.lost.value_or(0);
  sum.lost_in_host.reset();
  sum.lost_elsewhere.reset();
  return figures.lost.has_value();
}

std::string_view name_of(RateLimit limit) {
  switch (limit) {
    case RateLimit::receiver:
      return "receiver";
    case RateLimit::path:
      return "path";
    case RateLimit::server:
      return "server";
    case RateLimit::sender:
      break;
  }
  return "sender";
}

void describe(const char* name, const std::optional<Bounds>& bounds, Report& report) {
  if (!bounds) {
    report.add(name, Absent{});
    return;
  }
  const Report::Scope scope(report, name);
  report.add("low", bounds->low);
  report.add("high", bounds->high);
}

void describe(const LosslessTrial& trial, double streams, Report& report) {
  const LosslessResult& result = trial.result;
  report.add("offered_bits_per_second", streams * trial.plan.bits_per_second, "bit/s");
  report.add("seconds", in_seconds(result.time), "s");
  report.add("confirming", trial.plan.confirming);
  report.add("sent", result.sent);
  report.add("lost", result.lost);
  describe("lost_in_host", result.lost_in_host, report);
  describe("lost_elsewhere", result.lost_elsewhere, report);
  report.add("skipped", result.skipped);
  report.add("refused", result.refused);
  report.add("lossless", trial.outcome == LosslessOutcome::lossless);
}

}  // namespace

std::optional<LosslessResult> lossless_result_of(const TestRecord& record,
                                                 std::chrono::nanoseconds planned) {
  if (record.streams.empty() || !record.streams_reported) return std::nullopt;
  LosslessResult result{
      .time = record.duration, .lost_in_host = Bounds{}, .lost_elsewhere = Bounds{}};
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    if (!add_stream(record, i, in_seconds(planned), result)) return std::nullopt;
    if (const ReceiverReport* const receiver = receiver_report(record, i)) {
      result.came_in = std::max(result.came_in, receiver->last_read);
    }
  }
  return result;
}

void describe(const LosslessFinding& finding, std::size_t streams, Report& report) {
  const auto all = static_cast<double>(streams);
  const auto& rate = finding.bits_per_second;
  report.add("method", method);
  report.add("goal_loss_ratio", 0.0);
  report.add_optional("precision_ratio", finding.precision_ratio);
  report.add_optional("max_lossless_bits_per_second", rate ? std::optional(all * *rate) : rate,
                      "bit/s");
  report.add_optional("per_stream_bits_per_second", rate, "bit/s");
  report.add("confirmed", finding.confirmed);
  std::optional<std::string> limited_by;
  if (finding.limited_by) limited_by = name_of(*finding.limited_by);
  report.add_optional("limited_by", limited_by);
  if (finding.trials.empty()) report.add("trials", EmptyList{});
  for (std::size_t i = 0; i < finding.trials.size(); ++i) {
    const Report::Scope scope(report, fmt::format("trials[{}]", i));
    describe(finding.trials[i], all, report);
  }
}

Report search_trial_event(const LosslessTrial& trial, std::size_t streams) {
  Report report;
  report.add("event", "search_trial");
  const Report::Scope scope(report, "data");
  describe(trial, static_cast<double>(streams), report);
  return report;
}

}  // namespace netduel
