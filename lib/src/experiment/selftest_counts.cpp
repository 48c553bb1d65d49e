#include <chrono>

#include <fmt/format.h>

#include "experiment/selftest_steps.hpp"
#include "os/host_counters.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

/// Some dozens of each are enough to tell one more from one less.
Impairment bad_link() {
  Impairment link;
  link.loss = IndependentLoss{0.02};
  link.duplicate = 0.01;
  link.reorder = 0.01;
  link.delay = 5ms;
  return link;
}

LabSpec bad_path(std::uint64_t seed) {
  LabSpec path;
  path.a_to_b = bad_link();
  path.b_to_a.delay = 5ms;
  path.seed = seed;
  return path;
}

/// 3000 messages, ten at once: enough for a super-packet, and far from what fills a buffer.
SelftestPlan ledger_plan(IpVersion version, bool offload, std::uint64_t seed) {
  SelftestPlan plan;
  plan.spec.ip_version = version;
  plan.spec.offload = offload;
  plan.spec.message_octets = 200;
  plan.spec.time = 500ms;
  plan.spec.seed = seed;
  plan.spec.lab = bad_path(seed);
  plan.bits_per_second = 6000 * 8 * 200;
  plan.burst_messages = 10;
  return plan;
}

Judgement try_ledger(const SelftestPlan& plan, const std::stop_token& stop) {
  const SelftestTrial done = run(plan, stop);
  const TrialResult& result = done.trial.result;
  if (!done.trial.link) {
    return too_busy("none of the messages came to the link", "Nothing was measured.", {});
  }
  const LinkCounts& link = done.trial.link->there;
  return judge(LedgerEvidence{
      .offload = plan.spec.offload,
      .largest_super_packet_messages = result.sender.socket.largest_super_packet_messages,
      .ledger = result.ledger,
      .drain = result.plan.drain,
      .packets_in = link.packets_in,
      .dropped = link.dropped_loss + link.dropped_queue + link.dropped_down,
      .duplicated = link.duplicated,
      .reordered = link.reordered,
      .held_at_the_end = link.held_at_the_end,
      .strain = strain_of(*done.truth)});
}

Judgement try_tcp(std::uint64_t seed, const std::stop_token& stop) {
  SelftestPlan plan;
  plan.transport = Transport::tcp;
  plan.spec.time = 500ms;
  plan.spec.seed = seed;
  plan.spec.lab = bad_path(seed);
  plan.bits_per_second = 10e6;
  const SelftestTrial done = run(plan, stop);
  const TrialResult& result = done.trial.result;
  const ReceiverCounts& came = result.receiver.counts;
  TcpEvidence seen{.sent = result.ledger.sent,
                   .delivered = result.ledger.delivered,
                   .duplicates = came.duplicates,
                   .out_of_order = came.reordered + came.stale,
                   .corrupted = came.corrupted + came.truncated,
                   .read_to_the_end = result.receiver.read_to_the_end,
                   .retransmitted_segments = std::nullopt,
                   .dropped = done.trial.link ? done.trial.link->there.dropped_loss : 0};
  if (result.sender.tcp) seen.retransmitted_segments = result.sender.tcp->retransmitted_segments;
  return judge(seen);
}

std::optional<std::uint64_t> rise(const std::optional<std::uint64_t>& before,
                                  const std::optional<std::uint64_t>& after) {
  if (!before || !after || *after < *before) return std::nullopt;
  return *after - *before;
}

Judgement try_overflow(bool offload, std::uint64_t seed, const std::stop_token& stop) {
  SelftestPlan plan;
  plan.spec.offload = offload;
  plan.spec.time = 300ms;
  plan.spec.window_octets = 4096;
  plan.spec.seed = seed;
  // More than a receiver with room for a datagram or two can fetch in time.
  plan.bits_per_second = 2e9;
  const os::HostTotals before = os::host_totals(IpVersion::v4);
  const TrialResult result = run(plan, stop).trial.result;
  const os::HostTotals after = os::host_totals(IpVersion::v4);
  OverflowEvidence seen{
      .offload = offload,
      .super_packets = result.sender.counts.super_packets,
      .ledger = result.ledger,
      .drops_known = result.receiver.counts.drops_known,
      .socket_drops = result.receiver.socket.receive_queue_drops,
      .host_errors = rise(before.receive_buffer_errors, after.receive_buffer_errors),
      .softnet_drops = rise(before.softnet_drops, after.softnet_drops)};
  const auto memory = rise(before.memory_errors, after.memory_errors);
  if (seen.host_errors && memory) *seen.host_errors += *memory;
  return judge(seen);
}

}  // namespace

void add_count_steps(std::vector<SelftestStep>& steps) {
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    for (const bool offload : {true, false}) {
      const bool v4 = version == IpVersion::v4;
      steps.push_back(
          {.id = fmt::format("ledger_ipv{}{}", v4 ? 4 : 6, offload ? "" : "_without_offload"),
           .name = fmt::format("the ledger equals the link's truth (IPv{}, {} offload)", v4 ? 4 : 6,
                               offload ? "with" : "without"),
           .needs_lab = true,
           .try_once = [=](std::uint64_t seed, const std::stop_token& stop) {
             return try_ledger(ledger_plan(version, offload, seed), stop);
           }});
    }
  }
  steps.push_back({.id = "tcp_on_a_bad_link",
                   .name = "TCP delivers all over a link that loses, duplicates and reorders",
                   .needs_lab = true,
                   .try_once = try_tcp});
  for (const bool offload : {true, false}) {
    steps.push_back(
        {.id = offload ? "overflow_with_gro" : "overflow_without_gro",
         .name = fmt::format("what a full buffer drops is this host's loss ({} UDP_GRO)",
                             offload ? "with" : "without"),
         .try_once = [=](std::uint64_t seed, const std::stop_token& stop) {
           return try_overflow(offload, seed, stop);
         }});
  }
}

}  // namespace netduel
