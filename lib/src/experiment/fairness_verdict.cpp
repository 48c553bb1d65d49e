#include "experiment/fairness_verdict.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include <fmt/format.h>

#include "experiment/summary.hpp"
#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

/// UDP that gets at least as much of what it offers has kept its rate.
constexpr double kept = 0.95;
/// TCP that differs by less has neither fallen nor failed to recover.
constexpr double practical = 0.1;
/// Of a flow's messages: more is worth a word.
constexpr double worth_a_word = 0.01;

/// Of the end of an interval.
constexpr std::chrono::nanoseconds shortest_delay = std::chrono::milliseconds(20);

std::optional<double> ratio(std::optional<double> part, std::optional<double> whole) {
  if (!part || !whole || *whole <= 0) return std::nullopt;
  return *part / *whole;
}

/// Of the UDP messages that were due.
double left_out_by_the_sender(const Fairness& fairness) {
  double due = 0;
  double skipped = 0;
  for (const FairnessFlow& flow : fairness.flows) {
    if (flow.transport != Transport::udp || !flow.trial) continue;
    const Ledger& ledger = flow.trial->result.ledger;
    skipped += static_cast<double>(ledger.skipped);
    due += static_cast<double>(ledger.skipped + ledger.offered);
  }
  return due > 0 ? skipped / due : 0;
}

/// Of all that the UDP flows sent.
double udp_loss(const Fairness& fairness) {
  std::vector<Ledger> ledgers;
  for (const FairnessFlow& flow : fairness.flows) {
    if (flow.transport == Transport::udp && flow.trial) {
      ledgers.push_back(flow.trial->result.ledger);
    }
  }
  return loss_ratio(sum(ledgers)).value_or(0);
}

std::string udp_in_words(const Fairness& fairness, const FairnessSummary& summary) {
  const double left_out = left_out_by_the_sender(fairness);
  const std::string own_fault =
      left_out > worth_a_word
          ? fmt::format(", while its sender itself left out {}", format_ratio(left_out))
          : "";
  return fmt::format("UDP {} {} of its {} beside TCP and lost {} of its messages{}",
                     *summary.udp_kept_ratio >= kept ? "kept" : "got only",
                     format_ratio(*summary.udp_kept_ratio),
                     format_bit_rate(fairness.spec.udp_bits_per_second()),
                     format_ratio(udp_loss(fairness)), own_fault);
}

std::string fall_in_words(const FairnessSummary& summary) {
  const std::string rates = fmt::format("from {} to {}", format_bit_rate(*summary.tcp_alone),
                                        format_bit_rate(*summary.tcp_beside_udp));
  if (*summary.tcp_fell_to_ratio <= 1 - practical) return "TCP fell " + rates;
  return "TCP did not give way: it went " + rates;
}

std::string recovery_in_words(const FairnessSummary& summary) {
  const std::string rate = format_bit_rate(*summary.tcp_after);
  if (*summary.tcp_recovered_to_ratio >= 1 - practical) return "and recovered to " + rate;
  if (*summary.tcp_after > *summary.tcp_beside_udp) return "and came back to no more than " + rate;
  return "and did not come back: it had " + rate + " when UDP had left";
}

/// "TCP flow 0", as they are numbered in the document.
std::string name_of(const Fairness& fairness, std::size_t flow) {
  return fmt::format("{} flow {}", fairness.flows[flow].transport == Transport::udp ? "UDP" : "TCP",
                     flow);
}

void doubt_intervals(const Fairness& fairness, std::vector<Warning>& list) {
  const auto latest = std::ranges::max_element(fairness.intervals, {}, &FairnessInterval::late);
  if (latest == fairness.intervals.end()) return;
  if (latest->late <= std::max(fairness.spec.times.interval / 4, shortest_delay)) return;
  list.push_back(
      {"interval_late",
       fmt::format("An interval ended up to {} late, as this machine had no time for it: what its "
                   "flows did belongs to the time behind it too, and they may have stood still. "
                   "An idle machine helps.",
                   format_duration(std::chrono::duration<double>(latest->late).count()))});
}

void doubt_phase(const FairnessSpec& spec, std::vector<Warning>& list) {
  const auto sound = shortest_sound_phase(spec.lab);
  if (spec.times.phase >= sound) return;
  const auto in_words = [](std::chrono::nanoseconds time) {
    return format_duration(std::chrono::duration<double>(time).count());
  };
  list.push_back({"phase_short",
                  fmt::format("A phase of {} is less than 30 round trips with a full queue: flows "
                              "may still have been settling. A --time of {} or more helps.",
                              in_words(spec.times.phase), in_words(sound))});
}

void doubt_udp_rate(const Fairness& fairness, std::vector<Warning>& list) {
  const FairnessSpec& spec = fairness.spec;
  const HeaderStack stack{.transport = Transport::udp, .ip_version = spec.ip_version};
  const double payload = static_cast<double>(spec.message_length());
  const double headers =
      static_cast<double>(stack.ip_header_octets() + stack.transport_header_octets());
  const double on_the_wire = spec.udp_bits_per_second() * (payload + headers) / payload;
  if (on_the_wire <= spec.bottleneck_bits_per_second()) return;
  list.push_back(
      {"udp_rate_above_bottleneck",
       fmt::format("UDP offered {} with its headers, more than the bottleneck's {}: it can't keep "
                   "that rate even alone. A lower --udp helps.",
                   format_bit_rate(on_the_wire),
                   format_bit_rate(spec.bottleneck_bits_per_second()))});
}

void doubt_sender(const std::string& name, const TrialResult& trial, std::vector<Warning>& list) {
  const Ledger& ledger = trial.ledger;
  const auto due = static_cast<double>(ledger.offered + ledger.skipped);
  if (static_cast<double>(ledger.skipped) > worth_a_word * due) {
    list.push_back({"pacing_error",
                    fmt::format("{}: {} of {} messages that were due were not offered, as this "
                                "machine was busy. A lower rate or an idle machine helps.",
                                name, format_count(ledger.skipped),
                                format_count(ledger.offered + ledger.skipped))});
  }
  if (ledger.refused > 0) {
    list.push_back({"refused_by_local_stack",
                    fmt::format("{}: the local stack refused {} messages ({}).", name,
                                format_count(ledger.refused),
                                trial.sender.first_refusal.value_or("no reason given"))});
  }
}

void doubt_receiver(const std::string& name, const TrialResult& trial, std::vector<Warning>& list) {
  const Ledger& ledger = trial.ledger;
  const std::uint64_t in_host = ledger.lost_in_host.value_or(Bounds{}).high;
  if (static_cast<double>(in_host) > worth_a_word * static_cast<double>(ledger.sent)) {
    list.push_back({"lost_in_this_host",
                    fmt::format("{}: the receiver's own socket buffer had no room for up to {} of "
                                "{} messages, which had already passed the bottleneck.",
                                name, format_count(in_host), format_count(ledger.sent))});
  }
  if (!trial.interrupted && (!trial.receiver.read_to_the_end || trial.receiver.failure)) {
    list.push_back({"stream_not_read_to_the_end",
                    fmt::format("{}: receiving ended before all of it was read ({}).", name,
                                trial.receiver.failure.value_or("timed out"))});
  }
  for (const Check& check : ledger.checks) {
    if (check.passed) continue;
    list.push_back({"ledger_check_failed",
                    fmt::format("{}: the check {} failed: {}", name, check.name, check.detail)});
  }
}

}  // namespace

FairnessSummary summarize(const Fairness& fairness) {
  FairnessSummary summary;
  const auto flows = fairness.transports();
  for (const PhaseFigures& phase : fairness.phases()) {
    const auto tcp = goodput_of(Transport::tcp, phase, flows);
    switch (phase.phase) {
      case FairnessPhase::tcp_alone:
        summary.tcp_alone = tcp;
        break;
      case FairnessPhase::udp_joins:
        summary.tcp_beside_udp = tcp;
        summary.udp_goodput = goodput_of(Transport::udp, phase, flows);
        break;
      case FairnessPhase::udp_leaves:
        summary.tcp_after = tcp;
        break;
    }
  }
  summary.udp_kept_ratio = ratio(summary.udp_goodput, fairness.spec.udp_bits_per_second());
  summary.tcp_fell_to_ratio = ratio(summary.tcp_beside_udp, summary.tcp_alone);
  summary.tcp_recovered_to_ratio = ratio(summary.tcp_after, summary.tcp_alone);
  return summary;
}

std::optional<double> loss_ratio(const FairnessFlow& flow) {
  if (!flow.trial || carrier(flow.transport).guaranteed) return std::nullopt;
  return loss_ratio(flow.trial->result.ledger);
}

std::string verdict(const Fairness& fairness) {
  const FairnessSummary summary = summarize(fairness);
  if (!summary.udp_kept_ratio || !summary.tcp_fell_to_ratio) {
    return "none: the run ended before UDP and TCP had shared the bottleneck for long enough";
  }
  const std::string text = udp_in_words(fairness, summary) + "; " + fall_in_words(summary);
  if (!summary.tcp_recovered_to_ratio) return text;
  return text + ' ' + recovery_in_words(summary);
}

std::vector<Warning> warnings(const Fairness& fairness) {
  std::vector<Warning> list;
  doubt_phase(fairness.spec, list);
  doubt_udp_rate(fairness, list);
  doubt_intervals(fairness, list);
  if (fairness.processors.shared) {
    list.push_back({"one_processor",
                    "All flows shared one processor, so each waited for the others' turns: the "
                    "figures are the scheduler's too. Two processors help."});
  }
  if (fairness.truth) {
    const auto doubts = doubts_of(*fairness.truth);
    list.insert(list.end(), doubts.begin(), doubts.end());
  }
  for (std::size_t i = 0; i < fairness.flows.size(); ++i) {
    if (!fairness.flows[i].trial) continue;
    const TrialResult& trial = fairness.flows[i].trial->result;
    doubt_sender(name_of(fairness, i), trial, list);
    doubt_receiver(name_of(fairness, i), trial, list);
  }
  return list;
}

}  // namespace netduel
