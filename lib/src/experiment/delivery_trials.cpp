#include "experiment/delivery_trials.hpp"

#include <algorithm>
#include <cmath>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "netduel/measure/metrics.hpp"
#include "netduel/wire/overhead.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::nanoseconds;

constexpr auto shortest_drain = 100ms;
constexpr auto longest_delay = 2s;
/// Until nothing more of a trial is on the links.
constexpr auto between_looks = 10ms;
constexpr auto longest_look = 1s;

/// Packets of some flows on one way of a link since `before`: an earlier trial may have had the
/// same ports.
template <class Predicate>
LinkCounts rise(const DirectionTruth& before, const DirectionTruth& after, Predicate is_of) {
  LinkCounts then;
  LinkCounts now;
  for (const FlowTruth& flow : before.flows) {
    if (is_of(flow)) then += flow.counts;
  }
  for (const FlowTruth& flow : after.flows) {
    if (is_of(flow)) now += flow.counts;
  }
  now.packets_in -= then.packets_in;
  now.octets_in -= then.octets_in;
  now.forwarded -= then.forwarded;
  now.corrupted -= then.corrupted;
  return now;
}

TrialTraffic traffic(const LinkCounts& counts) {
  return {.packets = counts.packets_in, .ip_octets = counts.octets_in};
}

template <class Member>
std::uint64_t sum_over_ways(const StarTruth& truth, Member member) {
  std::uint64_t sum = 0;
  for (const PortTruth& one : truth.ports) sum += member(one.up) + member(one.down);
  return sum;
}

/// All datagrams of a stream that a receiver's socket was handed.
std::uint64_t arrivals(const ReceiverReport& report) {
  const StreamMeter& meter = report.meter;
  return meter.get<Loss>().unique() + meter.get<Loss>().stale() +
         meter.get<Duplication>().duplicates() + report.counts.corrupted + report.counts.truncated;
}

/// From the trial's first send to the last read of any receiver.
std::optional<Time> last_has_it(const DeliveryOutcome& outcome) {
  std::optional<WallTime> first;
  for (const SenderReport& one : outcome.senders) {
    if (one.first_sent && (!first || *one.first_sent < *first)) first = one.first_sent;
  }
  std::optional<WallTime> last;
  for (const auto& one : outcome.receivers) {
    if (!one) continue;
    const auto read = one->report.meter.get<Throughput>().last_read();
    if (read && (!last || *read > *last)) last = read;
  }
  if (!first || !last) return std::nullopt;
  return *last - *first;
}

void add_delays(const DeliveryOutcome& outcome, DeliveryTrial& trial) {
  for (const auto& one : outcome.receivers) {
    if (!one) continue;
    const DurationHistogram& delays = one->report.meter.get<Delay>().to_read();
    const auto p99 = delays.percentile(0.99);
    if (!p99 || (trial.slowest_p99 && *p99 <= *trial.slowest_p99)) continue;
    trial.slowest_p50 = delays.percentile(0.5);
    trial.slowest_p99 = p99;
  }
}

DeliveryTrial summed_up(DeliveryMethod method, const DeliveryTask& task,
                        const DeliveryOutcome& outcome) {
  const std::size_t receivers = task.receivers;
  DeliveryTrial trial{.method = method, .receivers = receivers};
  trial.offered = trial.left_at_the_end = task.messages * receivers;
  const bool tcp = method == DeliveryMethod::tcp;
  for (const SenderReport& sender : outcome.senders) {
    const std::uint64_t copies = tcp ? 1 : receivers;
    const std::uint64_t skipped =
        sender.counts.skipped - std::min(sender.counts.skipped, sender.left_at_the_end);
    trial.skipped += skipped * copies;
    trial.left_at_the_end -= std::min(trial.left_at_the_end, sender.counts.offered * copies);
    if (sender.tcp && sender.tcp->retransmitted_segments) {
      trial.retransmitted_segments =
          trial.retransmitted_segments.value_or(0) + *sender.tcp->retransmitted_segments;
    }
  }
  for (const auto& one : outcome.receivers) {
    if (!one) continue;
    trial.delivered += one->report.meter.get<Loss>().unique();
    if (one->ledger.lost_in_host) trial.lost_in_host += one->ledger.lost_in_host->low;
  }
  trial.sender_cpu = outcome.sender_cpu;
  trial.last_has_it = last_has_it(outcome);
  add_delays(outcome, trial);
  trial.interrupted = outcome.interrupted;
  return trial;
}

/// Each message a packet, and each packet of it what the receiver's socket got or dropped.
void check_receivers(const StarTruth& before, const StarTruth& after,
                     const DeliveryOutcome& outcome, DeliveryTrial& trial) {
  const auto is_ours = [&](const FlowTruth& flow) { return flow.source == outcome.sources[0]; };
  Check as_received{.name = "received_as_the_links_forwarded"};
  for (std::size_t n = 0; n < outcome.receivers.size(); ++n) {
    const LinkCounts link = rise(before.ports[n + 1].down, after.ports[n + 1].down, is_ours);
    const auto& receiver = outcome.receivers[n];
    const std::uint64_t came = receiver ? arrivals(receiver->report) : 0;
    const auto dropped =
        receiver && receiver->ledger.lost_in_host ? *receiver->ledger.lost_in_host : Bounds{};
    // What was corrupted is the receiving host's to drop, and nobody says which flow it was of.
    const std::uint64_t least = came + dropped.low;
    const std::uint64_t most = came + dropped.high + link.corrupted;
    if (link.forwarded >= least && link.forwarded <= most) continue;
    as_received.passed = false;
    if (as_received.detail.empty()) {
      as_received.detail = fmt::format("{}: {} packets left its link, and {} to {} came",
                                       StarSpec::name_of(n + 1), link.forwarded, least, most);
    }
  }
  trial.checks.push_back(std::move(as_received));
}

void check_others(const StarTruth& before, const StarTruth& after, const DeliveryOutcome& outcome,
                  DeliveryTrial& trial) {
  const auto is_ours = [&](const FlowTruth& flow) { return flow.source == outcome.sources[0]; };
  Check to_members{.name = "to_receivers_alone"};
  for (std::size_t port = outcome.receivers.size() + 1; port < after.ports.size(); ++port) {
    const LinkCounts link = rise(before.ports[port].down, after.ports[port].down, is_ours);
    if (link.packets_in == 0) continue;
    to_members.passed = false;
    to_members.detail = fmt::format("{} got {} packets", StarSpec::name_of(port), link.packets_in);
  }
  trial.checks.push_back(std::move(to_members));
}

}  // namespace

std::string_view name_of(DeliveryMethod method) {
  switch (method) {
    case DeliveryMethod::multicast:
      return "multicast";
    case DeliveryMethod::unicast:
      return "unicast";
    case DeliveryMethod::tcp:
      break;
  }
  return "tcp";
}

/// Short packets are padded; which ones were short is known where all of them had to be.
std::uint64_t TrialTraffic::wire_octets() const {
  return std::max(ip_octets, packets * ethernet_minimum_payload_octets) +
         packets * ethernet_framing_octets;
}

std::optional<double> DeliveryTrial::delivered_ratio() const {
  if (offered == 0) return std::nullopt;
  return static_cast<double>(delivered) / static_cast<double>(offered);
}

bool was_disturbed(const DeliveryTrial& trial) {
  // Octets and delivery are the same when messages leave a little later.
  constexpr double many_skipped = 0.05;
  constexpr double some_late = 0.01;
  const auto is_more_than = [](double share, std::uint64_t part, std::uint64_t whole) {
    return static_cast<double>(part) > share * static_cast<double>(whole);
  };
  return trial.missed_by_the_lab > 0 || trial.lost_in_host > 0 ||
         is_more_than(many_skipped, trial.skipped, trial.offered) ||
         is_more_than(some_late, trial.left_very_late, trial.packets);
}

std::uint64_t DeliveryStream::messages() const {
  const double all = bits_per_second / 8 / static_cast<double>(message_octets) *
                     std::chrono::duration<double>(time).count();
  return static_cast<std::uint64_t>(std::max(1.0, std::round(all)));
}

DeliveryTrials::DeliveryTrials(const DeliveryStream& stream, StarLab* star,
                               const Processors& processors)
    : stream_(stream), places_{.star = star, .processors = processors} {}

DeliveryTrial DeliveryTrials::run(DeliveryMethod method, std::size_t receivers, std::uint64_t seed,
                                  std::stop_token stop) {
  StarLab* const star = places_.star;
  if (star != nullptr) {
    if (!before_) before_ = star->truth();
    // Each trial sees the same changes.
    star->restart_script();
  }
  const DeliveryTask task{
      .plan = plan_of(method, seed), .messages = stream_.messages(), .receivers = receivers};
  const DeliveryOutcome outcome =
      method == DeliveryMethod::tcp
          ? send_streams(task, places_, std::move(stop))
          : send_datagrams(task, method == DeliveryMethod::multicast, places_, std::move(stop));
  DeliveryTrial trial = summed_up(method, task, outcome);
  if (star == nullptr) return trial;
  StarTruth after = settled_truth();
  hold_against(after, outcome, trial);
  before_ = std::move(after);
  return trial;
}

Plan DeliveryTrials::plan_of(DeliveryMethod method, std::uint64_t seed) const {
  Plan plan;
  plan.transport = method == DeliveryMethod::tcp ? Transport::tcp : Transport::udp;
  plan.receiver = Endpoint::any(stream_.ip_version);
  plan.schedule = ScheduleKind::periodic;
  plan.bits_per_second = stream_.bits_per_second;
  plan.message_octets = stream_.message_octets;
  plan.seed = seed;
  plan.drain = shortest_drain;
  // So that a busy machine or a slow connection may end later, with the same messages.
  plan.time = 2 * stream_.time + longest_delay;
  if (places_.star == nullptr) return plan;
  const StarSpec& spec = before_->spec;
  plan.drain = std::max<Time>(plan.drain, spec.drain());
  plan.mtu_octets = spec.mtu_octets;
  for (std::size_t port = 0; port < spec.ports.size(); ++port) {
    plan.patience = std::max(plan.patience, spec.link_of(port).patience());
  }
  plan.time += plan.patience;
  return plan;
}

/// What the ends have heard of may still be on its way to the sender: the last acknowledgements.
StarTruth DeliveryTrials::settled_truth() const {
  const auto packets = [](const StarTruth& truth) {
    return sum_over_ways(truth, [](const DirectionTruth& way) {
      return way.tcp.packets_in + way.tcp.forwarded + way.udp.packets_in + way.udp.forwarded;
    });
  };
  const Time pause = between_looks + before_->spec.round_trip();
  const auto until = std::chrono::steady_clock::now() + longest_look + 2 * pause;
  StarTruth truth = places_.star->truth();
  for (;;) {
    std::this_thread::sleep_for(pause);
    StarTruth newer = places_.star->truth();
    const bool settled = packets(newer) == packets(truth);
    truth = std::move(newer);
    if (settled || std::chrono::steady_clock::now() > until) return truth;
  }
}

void DeliveryTrials::hold_against(const StarTruth& after, const DeliveryOutcome& outcome,
                                  DeliveryTrial& trial) const {
  const auto is_one = [&](const Endpoint& endpoint) {
    return std::ranges::find(outcome.sources, endpoint) != outcome.sources.end();
  };
  const std::string_view protocol = trial.method == DeliveryMethod::tcp ? "tcp" : "udp";
  const PortTruth& of_a = after.ports.front();
  const PortTruth& of_a_before = before_->ports.front();
  const LinkCounts out = rise(of_a_before.up, of_a.up, [&](const FlowTruth& flow) {
    return flow.protocol == protocol && is_one(flow.source);
  });
  const LinkCounts in = rise(of_a_before.down, of_a.down, [&](const FlowTruth& flow) {
    return flow.protocol == protocol && is_one(flow.destination);
  });
  trial.link = {.out = traffic(out), .in = traffic(in)};
  const auto rise_of = [&](auto member) {
    return sum_over_ways(after, member) - sum_over_ways(*before_, member);
  };
  trial.missed_by_the_lab =
      rise_of([](const DirectionTruth& way) { return way.missed_by_the_lab; });
  trial.left_very_late = rise_of([](const DirectionTruth& way) { return way.left_very_late; });
  trial.packets = rise_of([](const DirectionTruth& way) { return way.all.packets_in; });
  const std::size_t headers =
      udp_header_octets +
      (stream_.ip_version == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets);
  // Where the lab itself dropped frames nobody knows whose they were.
  const bool can_tell = trial.method != DeliveryMethod::tcp && trial.missed_by_the_lab == 0;
  const bool one_packet_each = stream_.message_octets + headers <= after.spec.mtu_octets;
  if (!can_tell || !one_packet_each) return;
  Check as_sent{.name = "sent_as_the_link_saw", .passed = out.packets_in == outcome.datagrams};
  if (!as_sent.passed) {
    as_sent.detail = fmt::format("{} packets came to the sender's link, and {} were sent",
                                 out.packets_in, outcome.datagrams);
  }
  trial.checks.push_back(std::move(as_sent));
  check_receivers(*before_, after, outcome, trial);
  check_others(*before_, after, outcome, trial);
}

}  // namespace netduel
