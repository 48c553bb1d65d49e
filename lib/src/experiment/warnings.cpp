#include "experiment/warnings.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "experiment/corruption.hpp"
#include "experiment/summary.hpp"
#include "netduel/base/units.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

constexpr double busy = 0.9;
constexpr auto late = 1ms;
constexpr auto step = 100us;
constexpr double rate_error = 0.01;
constexpr double worth_a_word = 0.01;
constexpr std::size_t fewest_pairs_for_an_interval = 6;

/// One rule looks at the trials of one transport in one part and may add to the list.
struct Group {
  const Comparison& comparison;
  Part part;
  Transport transport;
  std::vector<const TrialResult*> trials;
  Summary summary;

  std::string_view name() const { return transport == Transport::udp ? "UDP" : "TCP"; }
  std::string_view when() const {
    return part == Part::full_speed ? "at full speed" : "in the paced part";
  }
};
using Rule = void (*)(const Group&, std::vector<Warning>&);

void receiver_cpu_bound(const Group& group, std::vector<Warning>& list) {
  if (!group.summary.ledger.lost_in_host || group.summary.ledger.lost_in_host->high == 0) return;
  std::chrono::nanoseconds cpu{};
  std::chrono::nanoseconds duration{};
  for (const TrialResult* trial : group.trials) {
    cpu += trial->receiver.cpu;
    duration +=
        trial->carried ? trial->carried->time : trial->receiver.meter.get<Throughput>().duration();
  }
  if (duration <= 0ns) return;
  const double share = static_cast<double>(cpu.count()) / static_cast<double>(duration.count());
  if (share < busy) return;
  list.push_back({"receiver_cpu_bound",
                  fmt::format("{} {}: the receiver used {:.0f} % of a processor and dropped "
                              "messages in its own socket buffer; the figure is the receiver's "
                              "speed, not the path's. A lower rate (-b) or larger messages (-l) "
                              "help.",
                              group.name(), group.when(), 100 * share)});
}

void lost_in_this_host(const Group& group, std::vector<Warning>& list) {
  const Ledger& ledger = group.summary.ledger;
  if (!ledger.lost_in_host || ledger.sent == 0 || !group.summary.known.receiver) return;
  // Between hosts what is surely lost there; within one the bounds are close.
  const std::uint64_t lost =
      group.comparison.spec.server ? ledger.lost_in_host->low : ledger.lost_in_host->high;
  const double share = static_cast<double>(lost) / static_cast<double>(ledger.sent);
  if (share < worth_a_word) return;
  // One who has chosen the buffer knows of it.
  const std::string_view remedy = group.comparison.spec.window_octets
                                      ? "A lower rate (-b)"
                                      : "A larger buffer (-w 4M) or a lower rate (-b)";
  list.push_back(
      {group.comparison.spec.server ? "lost_in_receiving_host" : "lost_in_this_host",
       fmt::format("{} {}: the receiver's own socket buffer ({} granted) had no room for "
                   "{} of the messages, which had already crossed the path. {} helps.",
                   group.name(), group.when(),
                   format_octets(group.summary.receiver_socket.receive_buffer.granted_octets),
                   format_ratio(share), remedy)});
}

void buffer_cut(const Group& group, std::vector<Warning>& list) {
  const auto say = [&](const BufferSize& buffer, std::string_view which, std::string_view sysctl) {
    if (!buffer.cut || !buffer.asked_octets) return;
    // The system counts twice what it grants, for its own bookkeeping.
    list.push_back(
        {"buffer_granted_smaller",
         fmt::format(
             "{}: asked for a {} buffer of {}, the system granted {}. sysctl -w {}={} helps.",
             group.name(), which, format_octets(*buffer.asked_octets),
             format_octets(buffer.granted_octets / 2), sysctl, *buffer.asked_octets)});
  };
  say(group.summary.receiver_socket.receive_buffer, "receive", "net.core.rmem_max");
  say(group.summary.sender_socket.send_buffer, "send", "net.core.wmem_max");
}

std::uint64_t left_at_the_end(const Group& group) {
  std::uint64_t left = 0;
  for (const TrialResult* trial : group.trials) left += trial->sender.left_at_the_end;
  return left;
}

void pacing_error(const Group& group, std::vector<Warning>& list) {
  if (group.part != Part::paced) return;
  const auto lateness = group.summary.send_lateness.percentile(0.99);
  const Ledger& ledger = group.summary.ledger;
  // What the transport didn't take in time is no error of the pacing.
  const std::uint64_t missed_here =
      ledger.skipped - std::min(ledger.skipped, left_at_the_end(group));
  const double due = static_cast<double>(ledger.offered + ledger.skipped);
  const double missed = due > 0 ? static_cast<double>(missed_here) / due : 0;
  if ((!lateness || *lateness < late) && missed < rate_error) return;
  const double p99 = std::chrono::duration<double>(lateness.value_or(0ns)).count();
  list.push_back({"pacing_error",
                  fmt::format("{}: batches left up to {} late (p99) and {} of the messages were "
                              "skipped, so the offered rate and the delays are this sender's too. "
                              "A lower rate or an idle machine helps.",
                              group.name(), format_duration(p99), format_ratio(missed))});
}

void rate_not_carried(const Group& group, std::vector<Warning>& list) {
  const std::uint64_t left = left_at_the_end(group);
  if (left == 0) return;
  list.push_back({"offered_rate_not_carried",
                  fmt::format("{} did not carry the offered rate: {} messages were due and still "
                              "unsent when their trials ended (counted as skipped), and their "
                              "delays are missing from the figures.",
                              group.name(), format_count(left))});
}

void whole_super_packets(const Group& group, std::vector<Warning>& list) {
  const bool several = group.summary.sender_socket.largest_super_packet_messages > 1;
  if (group.transport != Transport::udp || !several) return;
  const Plan& plan = group.summary.plan;
  const bool whole =
      plan.receiver.is_loopback() || (group.comparison.spec.lab && !plan.splits_super_packets);
  if (!whole) return;
  list.push_back(
      {"loopback_never_split",
       fmt::format("UDP {}: {} passed super-packets of up to {} whole; a network "
                   "card would have split them, here or in hardware. --no-offload shows "
                   "what single packets cost.",
                   group.when(), plan.receiver.is_loopback() ? "loopback" : "the emulated path",
                   format_octets(group.summary.largest_super_packet_octets))});
}

void offload_missing(const Group& group, std::vector<Warning>& list) {
  const CompareSpec& spec = group.comparison.spec;
  // Nobody offloads what has no checksum.
  if (group.transport != Transport::udp || !spec.offload || !spec.udp_checksum) return;
  if (group.summary.sender_socket.segmentation_offload || !group.summary.known.sender) return;
  list.push_back({"offload_unavailable",
                  "UDP was sent without offload: the kernel has none, or the interface's queueing "
                  "discipline cuts super-packets and may drop parts of them unseen."});
}

void refused(const Group& group, std::vector<Warning>& list) {
  if (group.summary.ledger.refused == 0) return;
  std::string why;
  for (const TrialResult* trial : group.trials) {
    if (why.empty()) why = trial->sender.first_refusal.value_or("");
  }
  list.push_back(
      {"refused_by_local_stack",
       fmt::format("{} {}: the local stack refused {} messages ({}); they never left "
                   "this host.",
                   group.name(), group.when(), format_count(group.summary.ledger.refused), why)});
}

void failed_checks(const Group& group, std::vector<Warning>& list) {
  for (const Check& check : group.summary.ledger.checks) {
    if (check.passed) continue;
    list.push_back(
        {"ledger_check_failed", fmt::format("{} {}: the check {} failed: {}", group.name(),
                                            group.when(), check.name, check.detail)});
  }
}

void corrupted(const Group& group, std::vector<Warning>& list) {
  const bool has_checksum = group.transport == Transport::tcp || group.summary.plan.udp_checksum;
  const auto warning =
      corruption_passed_checksums(group.summary.integrity, group.transport, has_checksum,
                                  fmt::format("{} {}", group.name(), group.when()));
  if (warning) list.push_back(*warning);
}

void stream_cut(const Group& group, std::vector<Warning>& list) {
  for (const TrialResult* trial : group.trials) {
    const bool whole = trial->receiver.read_to_the_end || trial->interrupted;
    if (whole && !trial->receiver.failure) continue;
    list.push_back(
        {"stream_not_read_to_the_end",
         fmt::format("{} {}: receiving ended before all of it was read ({}).", group.name(),
                     group.when(), trial->receiver.failure.value_or("timed out"))});
    return;
  }
}

void clock_stepped(const Group& group, std::vector<Warning>& list) {
  for (const TrialResult* trial : group.trials) {
    const auto moved = trial->sender.clock_step;
    if (moved < step && moved > -step) continue;
    list.push_back(
        {"clock_stepped",
         fmt::format("The wall clock was set by {} during a {} trial, and the delays "
                     "of that trial are off by as much.",
                     format_duration(std::chrono::duration<double>(moved).count()), group.name())});
    return;
  }
}

/// Of one transport's delays in one part.
void vague_delays(const Group& group, std::vector<Warning>& list) {
  const bool doubtful = group.comparison.spec.server && group.comparison.spec.server->is_netduel;
  if (!doubtful || group.summary.known.delays) return;
  list.push_back(
      {"clocks_not_comparable",
       "One-way delays are absent: the two hosts' clocks are known only to about half of "
       "the shortest round trip, which is as much as the delays themselves, or they were "
       "not compared at all, as UDP to the server's port gets no answer. How delays vary "
       "(pdv_seconds) and the round trip are known all the same; better clocks don't "
       "help, and what a loaded path adds shows in both."});
}

constexpr std::array<Rule, 13> rules = {
    receiver_cpu_bound,  lost_in_this_host, buffer_cut,  pacing_error,  rate_not_carried,
    whole_super_packets, offload_missing,   refused,     failed_checks, corrupted,
    stream_cut,          clock_stepped,     vague_delays};

void few_pairs(const Comparison& comparison, std::vector<Warning>& list) {
  std::size_t fewest = fewest_pairs_for_an_interval;
  for (const Part part : {Part::full_speed, Part::paced}) {
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
      const auto all = comparison.of(part, transport);
      const auto trials = static_cast<std::size_t>(
          std::ranges::count_if(all, [](const TrialResult* trial) { return !trial->interrupted; }));
      if (!all.empty()) fewest = std::min(fewest, trials);
    }
  }
  if (fewest >= fewest_pairs_for_an_interval) return;
  list.push_back(
      {"too_few_pairs",
       fmt::format("Fewer than {} whole pairs: no interval encloses the median with 95 % "
                   "confidence, so none is given. --pairs {} or more helps.",
                   fewest_pairs_for_an_interval, fewest_pairs_for_an_interval)});
}

void one_processor(const Comparison& comparison, std::vector<Warning>& list) {
  if (comparison.trials.empty() || !comparison.processors.shared) return;
  list.push_back({"one_processor",
                  "Both ends shared one processor, so each waited for the other's turn: delays and "
                  "losses are the scheduler's too. Two processors help."});
}

/// What the other end, or nobody, can tell of messages between two hosts.
void server_doubts(const Comparison& comparison, std::vector<Warning>& list) {
  if (!comparison.spec.server || comparison.trials.empty()) return;
  if (!comparison.spec.server->is_netduel) {
    list.push_back(
        {"server_is_not_netduel",
         "The server is no netduel: it tells how much has come and how many datagrams were lost, "
         "but neither where nor in which order, and one-way delays are not known. What rests on "
         "that is absent. netduel server at the other end tells all."});
    return;
  }
}

void lab_doubts(const Comparison& comparison, std::vector<Warning>& list) {
  if (!comparison.truth) return;
  const auto doubts = doubts_of(*comparison.truth);
  list.insert(list.end(), doubts.begin(), doubts.end());
}

void stopped_logs(const Comparison& comparison, std::vector<Warning>& list) {
  for (const Comparison::Log& log : comparison.logs) {
    if (log.failure) {
      list.push_back(
          {"log_failed",
           fmt::format("The log {} could not be written ({}): {} rows are in it, and what "
                       "came later is not. Another place may have room.",
                       log.file, log.failure.message(), log.rows)});
      continue;
    }
    if (!log.stopped) continue;
    list.push_back({"log_stopped",
                    fmt::format("The log {} stopped after {} rows: what came later is not in it. "
                                "More (--log-rows), a lower rate or fewer pairs help.",
                                log.file, log.rows)});
  }
}

/// What holds for both parts is said once.
void add_new(std::vector<Warning>& list, const std::vector<Warning>& more) {
  for (const Warning& warning : more) {
    const bool known =
        std::ranges::any_of(list, [&](const Warning& other) { return other.text == warning.text; });
    if (!known) list.push_back(warning);
  }
}

}  // namespace

std::vector<Warning> warnings(const Comparison& comparison) {
  std::vector<Warning> list;
  few_pairs(comparison, list);
  one_processor(comparison, list);
  lab_doubts(comparison, list);
  server_doubts(comparison, list);
  stopped_logs(comparison, list);
  for (const Part part : {Part::full_speed, Part::paced}) {
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
      auto trials = comparison.of(part, transport);
      if (trials.empty()) continue;
      const Summary summary = summarize(trials);
      const Group group{comparison, part, transport, std::move(trials), summary};
      std::vector<Warning> more;
      for (const Rule rule : rules) rule(group, more);
      add_new(list, more);
    }
  }
  return list;
}

std::vector<Warning> doubts_of(const Truth& truth) {
  std::vector<Warning> list;
  if (!truth.trustworthy) {
    list.push_back(
        {"lab_not_trustworthy",
         "The emulated path was not all that was asked for: the warnings of it say why."});
  }
  for (const TruthNote& note : truth.why) {
    list.push_back({note.id, fmt::format("The emulated path, {}.", note.text)});
  }
  return list;
}

void describe(const std::vector<Warning>& warnings, Report& report) {
  if (warnings.empty()) report.add("warnings", EmptyList{});
  for (std::size_t i = 0; i < warnings.size(); ++i) {
    const Report::Scope scope(report, fmt::format("warnings[{}]", i));
    report.add("id", warnings[i].id);
    report.add("text", warnings[i].text);
  }
}

}  // namespace netduel
