#include "experiment/link_truth.hpp"

#include <algorithm>
#include <string_view>

#include "session/carrier.hpp"

namespace netduel {
namespace {

/// The newest, as the system may give a port again.
const FlowTruth* flow_of(const TrialResult& trial, const Truth& truth) {
  const std::string_view protocol = carrier(trial.plan.transport).name;
  const auto& flows = truth.a_to_b.flows;
  const auto found = std::find_if(flows.rbegin(), flows.rend(), [&](const FlowTruth& flow) {
    return flow.protocol == protocol && flow.source.port() == trial.sender.source.port();
  });
  return found != flows.rend() ? &*found : nullptr;
}

/// Whether each message is one packet of the path.
bool is_one_packet(const Plan& plan) {
  const HeaderStack stack{.transport = plan.transport,
                          .ip_version = plan.receiver.version(),
                          .mtu_octets = plan.mtu_octets};
  return plan.message_octets <= stack.largest_whole_payload();
}

}  // namespace

void hold_against_link(ComparedTrial& trial, const Truth& truth, std::uint64_t missed_frames) {
  const FlowTruth* const flow = flow_of(trial.result, truth);
  if (flow == nullptr) return;
  trial.flow_ordinal = flow->ordinal;
  const Plan& plan = trial.result.plan;
  // What left the link after the receiver had gone is neither the link's loss nor the receiver's.
  const bool in_time = truth.a_to_b.latest < plan.drain;
  if (trial.result.interrupted || !is_one_packet(plan) || !in_time) return;
  const LinkCounts& counts = flow->counts;
  // A frame that the lab misses may be a whole super-packet, as it is cut only later.
  const std::uint64_t in_a_frame =
      std::max(1u, trial.result.sender.socket.largest_super_packet_messages);
  check_against_link(trial.result.ledger,
                     {.dropped = counts.dropped_loss + counts.dropped_queue + counts.dropped_down,
                      .dropped_copies_at_most = std::min(counts.duplicated, counts.dropped_queue),
                      .undelivered_at_most =
                          counts.corrupted + counts.held_at_the_end + missed_frames * in_a_frame,
                      .duplicated = counts.duplicated,
                      .reordered = counts.reordered,
                      .corrupted = counts.corrupted});
}

}  // namespace netduel
