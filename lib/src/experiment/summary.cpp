#include "experiment/summary.hpp"

#include <algorithm>
#include <chrono>
#include <ratio>

#include "base/seconds.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/measure/statistics.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

std::uint64_t delivered_octets(const TrialResult& trial) {
  return trial.carried ? trial.carried->octets
                       : trial.receiver.meter.get<Throughput>().unique_octets();
}

/// Set-up, then from the first message's sending to its being read; absent when none arrived.
std::optional<double> first_arrival(const TrialResult& trial) {
  const auto& throughput = trial.receiver.meter.get<Throughput>();
  if (!throughput.first_read() || !trial.sender.first_sent) return std::nullopt;
  return seconds(trial.sender.setup + (*throughput.first_read() - *trial.sender.first_sent));
}

std::optional<double> ratio(double part, double whole) {
  if (whole <= 0) return std::nullopt;
  return part / whole;
}

/// What goodput is divided by: the time from the first send to the last read, and at least the time
/// for which messages were offered, as n of a schedule stand for n intervals and what stops
/// arriving halfway is no faster for it. A stream that was cut took all the time that was given to
/// it.
std::chrono::nanoseconds period(const TrialResult& trial) {
  const bool whole_schedule =
      trial.plan.schedule != ScheduleKind::back_to_back && !trial.interrupted;
  const auto offered = whole_schedule ? trial.plan.time : trial.sender.sending;
  const auto read =
      trial.carried ? trial.carried->time : trial.receiver.meter.get<Throughput>().duration();
  const auto given = trial.receiver.read_to_the_end ? read : trial.receiver.receiving;
  return std::max({read, offered, given});
}

/// Of a schedule; absent at full speed.
std::optional<double> offered_rate(const Plan& plan) {
  if (plan.schedule == ScheduleKind::back_to_back) return std::nullopt;
  return plan.bits_per_second;
}

/// What the transport was given, in payload bits per second.
double sent_rate(const TrialResult& trial) {
  const double octets = static_cast<double>(trial.ledger.sent * trial.plan.message_octets);
  return ratio(8 * octets, seconds(period(trial))).value_or(0);
}

void add_costs(Summary& summary, Trials trials) {
  constexpr double gigabyte = 1e9;
  double sent = 0;
  double delivered = 0;
  std::chrono::nanoseconds sender_cpu{};
  std::chrono::nanoseconds receiver_cpu{};
  std::chrono::nanoseconds duration{};
  for (const TrialResult* trial : trials) {
    sent += static_cast<double>(trial->ledger.sent * trial->plan.message_octets);
    delivered += static_cast<double>(delivered_octets(*trial));
    sender_cpu += trial->sender.cpu;
    receiver_cpu += trial->receiver.cpu;
    duration += period(*trial);
  }
  if (summary.known.sender) {
    summary.sender_cpu_seconds_per_gigabyte = ratio(seconds(sender_cpu) * gigabyte, sent);
  }
  if (summary.known.receiver) {
    summary.receiver_cpu_seconds_per_gigabyte = ratio(seconds(receiver_cpu) * gigabyte, delivered);
  }
  summary.delivered_messages_per_second =
      ratio(static_cast<double>(summary.ledger.delivered), seconds(duration));
}

void add_tcp(Summary& summary, const TrialResult& trial) {
  if (!trial.sender.tcp) return;
  const TcpInfo& info = *trial.sender.tcp;
  if (info.retransmitted_segments) {
    summary.retransmitted_segments =
        summary.retransmitted_segments.value_or(0) + *info.retransmitted_segments;
  }
  summary.congestion = info.congestion;
  summary.tcp_options_octets = info.timestamps.value_or(true) ? tcp_timestamps_octets : 0;
}

void add_checksum_errors(Summary& summary, const TrialResult& trial) {
  const auto& more = trial.receiver.host.checksum_errors;
  const bool known = summary.checksum_errors && more && trial.known.receiver;
  summary.checksum_errors = known ? std::optional(*summary.checksum_errors + *more) : std::nullopt;
}

void add_knowledge(Summary& summary, const TrialResult& trial) {
  summary.known.sender &= trial.known.sender;
  summary.known.receiver &= trial.known.receiver;
  summary.known.arrivals &= trial.known.arrivals;
  summary.known.delays &= trial.known.delays;
  summary.delay_bound_seconds =
      std::max(summary.delay_bound_seconds.value_or(0), seconds(trial.delay_bound));
}

/// What may be wrong by more than itself isn't told: the rule of `ComparedDelay::tells`, over all
/// trials at once.
void forget_vague_delays(Summary& summary) {
  const double bound = summary.delay_bound_seconds.value_or(0);
  const auto middle = summary.delay.to_read().percentile(0.5);
  if (bound > 0 && !(middle && bound < seconds(*middle))) summary.known.delays = false;
  if (summary.known.delays) return;
  summary.delay = {};
  summary.delay_bound_seconds.reset();
  summary.first_arrival_seconds.reset();
}

HeaderStack headers(const Summary& summary) {
  return {.transport = summary.plan.transport,
          .ip_version = summary.plan.receiver.version(),
          .tcp_options_octets = summary.tcp_options_octets,
          .mtu_octets = summary.plan.mtu_octets};
}

struct Cost {
  double header_octets_per_message;
  double wire_efficiency_ratio;
};

/// Each UDP message travels alone. TCP packs them into full segments at full speed and under
/// Nagle's algorithm; paced, those that were due together share theirs.
Cost cost(const Summary& summary) {
  const HeaderStack stack = headers(summary);
  const std::size_t octets = summary.plan.message_octets;
  const std::uint64_t turns = summary.send_lateness.count();
  const bool udp = stack.transport == Transport::udp;
  if (!udp && (turns == 0 || !summary.plan.no_delay)) {
    const StreamCost full = packed_stream_cost(stack, octets);
    return {full.header_octets_per_message, full.wire_efficiency_ratio};
  }
  const std::uint64_t together =
      udp ? 1 : std::max<std::uint64_t>(1, (summary.ledger.offered + turns / 2) / turns);
  const WireCost shared = message_cost(stack, together * octets);
  const auto header_octets =
      static_cast<double>(shared.transport_header_octets + shared.ip_header_octets);
  return {header_octets / static_cast<double>(together), shared.wire_efficiency_ratio};
}

void describe_overhead(const Summary& summary, Report& report) {
  const HeaderStack stack = headers(summary);
  const Cost per_message = cost(summary);
  report.add("overhead.transport_header_octets", std::uint64_t{stack.transport_header_octets()},
             "octets");
  report.add("overhead.ip_header_octets", std::uint64_t{stack.ip_header_octets()}, "octets");
  report.add("overhead.header_octets_per_message", per_message.header_octets_per_message, "octets");
  report.add("overhead.wire_efficiency_ratio", per_message.wire_efficiency_ratio, "ratio");
  std::vector<double> wire;
  for (const double rate : summary.sent_rates) {
    wire.push_back(rate / per_message.wire_efficiency_ratio);
  }
  report.add("wire_bits_per_second", median_interval(wire), "bit/s");
}

std::optional<std::string> stamped_by(const Summary& summary) {
  if (summary.stamped_by_kernel + summary.stamped_by_application == 0) return std::nullopt;
  if (summary.stamped_by_kernel == 0) return "application";
  return summary.stamped_by_application == 0 ? "kernel" : "mixed";
}

void describe_buffer(std::string_view name, const BufferSize& buffer, bool known, Report& report) {
  if (!known) {
    report.add(name, Absent{});
    return;
  }
  const Report::Scope scope(report, name);
  report.add_optional("asked_octets", buffer.asked_octets, "octets");
  report.add("granted_octets", std::uint64_t{buffer.granted_octets}, "octets");
}

void describe_delays(const Summary& summary, Report& report) {
  summary.delay.describe(report);
  report.add_optional("delay_bound_seconds", summary.delay_bound_seconds, "s");
}

void describe_everything_but_goodput(const Summary& summary, Report& report) {
  const Ledger& ledger = summary.ledger;
  report.add_optional("delivered_messages_per_second", summary.delivered_messages_per_second,
                      "1/s");
  describe(ledger, report);
  describe(summary.integrity, report);
  report.add_optional("checksum_errors", summary.checksum_errors);
  report.add("guaranteed_by_service", ledger.guaranteed_by_service);
  describe_reliability(summary, report);
  describe_overhead(summary, report);
  report.add_optional("setup_seconds", summary.setup_seconds, "s");
  report.add_optional("first_arrival_seconds", summary.first_arrival_seconds, "s");
  describe_delays(summary, report);
  report.add_optional("arrival_delay_seconds.stamped_by", stamped_by(summary));
  describe_delay_variation(report, summary.pdv, summary.ipdv, summary.jitter_rfc3550);
  describe_percentiles(report, "send_lateness_seconds", summary.send_lateness);
  report.add_optional("cpu_seconds_per_gigabyte.sender", summary.sender_cpu_seconds_per_gigabyte,
                      "s/GB");
  report.add_optional("cpu_seconds_per_gigabyte.receiver",
                      summary.receiver_cpu_seconds_per_gigabyte, "s/GB");
  report.add("largest_super_packet_octets", std::uint64_t{summary.largest_super_packet_octets},
             "octets");
  describe_buffer("send_buffer", summary.sender_socket.send_buffer, summary.known.sender, report);
  describe_buffer("receive_buffer", summary.receiver_socket.receive_buffer, summary.known.receiver,
                  report);
  if (carrier(summary.plan.transport).guaranteed) {
    report.add_optional("retransmitted_segments", summary.retransmitted_segments);
    // Empty: the platform can't tell.
    report.add("congestion",
               summary.congestion.empty() ? Value(Absent{}) : Value(summary.congestion));
  } else {
    const auto when = [](bool known, bool value) { return known ? Value(value) : Value(Absent{}); };
    report.add("offload.segmentation",
               when(summary.known.sender, summary.sender_socket.segmentation_offload));
    report.add("offload.receive",
               when(summary.known.receiver, summary.receiver_socket.receive_offload));
  }
}

}  // namespace

double goodput(const TrialResult& trial) {
  const double bits = 8.0 * static_cast<double>(delivered_octets(trial));
  return ratio(bits, seconds(period(trial))).value_or(0);
}

std::optional<double> loss_ratio(const Ledger& ledger) {
  const auto sent = static_cast<double>(ledger.sent);
  return ratio(sent - static_cast<double>(ledger.delivered), sent);
}

std::vector<double> over_whole_trials(Trials trials, double (*figure)(const TrialResult&)) {
  std::vector<double> whole;
  std::vector<double> all;
  for (const TrialResult* trial : trials) {
    all.push_back(figure(*trial));
    if (!trial->interrupted) whole.push_back(all.back());
  }
  return whole.empty() ? all : whole;
}

namespace {

/// What only shows in which messages came, and when.
void describe_no_arrivals(Report& report) {
  for (const char* const key :
       {"loss_periods", "duplicates", "duplication_fraction", "replicated_ratio", "reordered",
        "reordered_ratio", "extent", "late_seconds", "byte_offset", "extents_cut",
        "byte_offsets_cut", "gap", "free_run", "n_reordering"}) {
    report.add(key, Absent{});
  }
}

}  // namespace

void describe_no_losses(Report& report) {
  report.add("loss_ratio", Absent{});
  report.add("loss_interval", Absent{});
  describe_no_arrivals(report);
}

void describe_reliability(const Summary& summary, Report& report) {
  const Ledger& ledger = summary.ledger;
  if (ledger.guaranteed_by_service) {
    describe_no_losses(report);
    return;
  }
  const std::uint64_t lost = ledger.sent > ledger.delivered ? ledger.sent - ledger.delivered : 0;
  report.add_optional("loss_ratio", loss_ratio(ledger), "ratio");
  report.add("loss_interval", wilson_interval(lost, ledger.sent), "ratio");
  if (!summary.known.arrivals) {
    describe_no_arrivals(report);
    return;
  }
  summary.loss_periods.describe(report);
  summary.duplication.describe(report);
  summary.reordering.describe(report);
}

Summary summarize(Trials trials) {
  Summary summary;
  summary.plan = trials.front()->plan;
  summary.goodputs = over_whole_trials(trials, goodput);
  summary.sent_rates = over_whole_trials(trials, sent_rate);
  std::vector<Ledger> ledgers;
  std::vector<double> setups;
  std::vector<double> first_arrivals;
  std::vector<double> jitters;
  for (const TrialResult* trial : trials) {
    ledgers.push_back(trial->ledger);
    setups.push_back(seconds(trial->sender.setup));
    if (const auto first = first_arrival(*trial)) first_arrivals.push_back(*first);
    add(summary.integrity, trial->receiver.integrity);
    add_checksum_errors(summary, *trial);
    const StreamMeter& meter = trial->receiver.meter;
    summary.loss_periods.merge(meter.get<LossPeriods>());
    summary.reordering.merge(meter.get<Reordering>());
    summary.duplication.merge(meter.get<Duplication>());
    summary.delay.merge(trial->delay());
    const DelayVariation& variation = meter.get<DelayVariation>();
    summary.pdv.merge(variation.pdv());
    summary.ipdv.merge(variation.ipdv());
    const auto jitter = trial->carried && trial->carried->jitter ? trial->carried->jitter
                                                                 : variation.jitter_rfc3550();
    if (jitter) jitters.push_back(jitter->count());
    add_knowledge(summary, *trial);
    summary.send_lateness.merge(trial->sender.lateness);
    summary.stamped_by_kernel += trial->receiver.stamped_by_kernel;
    summary.stamped_by_application += trial->receiver.stamped_by_application;
    summary.largest_super_packet_octets = std::max(
        summary.largest_super_packet_octets, trial->sender.socket.largest_super_packet_octets);
    summary.sender_socket = trial->sender.socket;
    summary.receiver_socket = trial->receiver.socket;
    add_tcp(summary, *trial);
  }
  if (const auto jitter = median(jitters)) {
    summary.jitter_rfc3550 = std::chrono::duration<double>(*jitter);
  }
  summary.ledger = sum(ledgers);
  summary.setup_seconds = median(setups);
  summary.first_arrival_seconds = median(first_arrivals);
  forget_vague_delays(summary);
  add_costs(summary, trials);
  return summary;
}

void describe(const Summary& summary, Report& report) {
  report.add("goodput_bits_per_second", median_interval(summary.goodputs), "bit/s");
  describe_everything_but_goodput(summary, report);
}

void describe_trial(const TrialResult& trial, Report& report) {
  const TrialResult* const one = &trial;
  report.add("interrupted", trial.interrupted);
  report.add("source", trial.sender.source.to_string());
  report.add_optional("offered_bits_per_second", offered_rate(trial.plan), "bit/s");
  report.add("goodput_bits_per_second", goodput(trial), "bit/s");
  trial.receiver.meter.get<IntervalThroughput>().describe(report);
  describe_everything_but_goodput(summarize({&one, 1}), report);
}

}  // namespace netduel
