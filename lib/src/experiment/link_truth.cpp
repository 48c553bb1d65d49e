#include "experiment/link_truth.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "experiment/test_figures.hpp"
#include "netduel/wire/overhead.hpp"
#include "session/carrier.hpp"

namespace netduel {
namespace {

/// The packets of a stream of messages, as the link sees them.
struct Crossing {
  Transport transport = Transport::udp;
  Endpoint source;
  /// Where several flows have the source.
  std::optional<std::uint16_t> destination_port = {};
  std::size_t message_octets = 0;
  std::size_t mtu_octets = 0;
  /// How long its receiver went on behind the last of them.
  std::chrono::nanoseconds drain{};
  /// Did not run to its end, for this reason.
  std::string cut = {};
  std::uint32_t largest_super_packet_messages = 1;
  /// Where the flow holds other packets too: how many messages were sent.
  std::optional<std::uint64_t> messages_sent = {};
};

/// The newest, as the system may give a port again.
const FlowTruth* flow_of(const Crossing& crossing, const DirectionTruth& way) {
  const std::string_view protocol = carrier(crossing.transport).name;
  const auto found = std::find_if(way.flows.rbegin(), way.flows.rend(), [&](const auto& flow) {
    return flow.protocol == protocol && flow.source.port() == crossing.source.port() &&
           flow.destination.port() == crossing.destination_port.value_or(flow.destination.port());
  });
  return found != way.flows.rend() ? &*found : nullptr;
}

/// The other direction of the same flow.
const FlowTruth* answers_to(const FlowTruth& flow, const DirectionTruth& way) {
  const auto found = std::find_if(way.flows.rbegin(), way.flows.rend(), [&](const auto& other) {
    return other.protocol == flow.protocol && other.source == flow.destination &&
           other.destination == flow.source;
  });
  return found != way.flows.rend() ? &*found : nullptr;
}

/// Whether each message is one packet of the path.
bool is_one_packet(const Crossing& crossing) {
  const HeaderStack stack{.transport = crossing.transport,
                          .ip_version = crossing.source.version(),
                          .mtu_octets = crossing.mtu_octets};
  return crossing.message_octets <= stack.largest_whole_payload();
}

/// Why the link's counts of packets say nothing of the messages; empty when they do.
std::string why_undecided(const Crossing& crossing, const DirectionTruth& way) {
  if (!crossing.cut.empty()) return crossing.cut;
  if (!is_one_packet(crossing)) return "a message was more than one packet";
  // What left the link after the receiver had gone is neither the link's loss nor the receiver's.
  if (way.latest >= crossing.drain) return "the emulation was too late with some packets";
  return {};
}

LinkFigures figures_of(const Crossing& crossing, const LinkCounts& counts,
                       std::uint64_t missed_frames) {
  // A frame that the lab misses may be a whole super-packet, as it is cut only later.
  const std::uint64_t in_a_frame = std::max(1u, crossing.largest_super_packet_messages);
  const std::uint64_t messages = crossing.messages_sent.value_or(counts.packets_in);
  const std::uint64_t others = counts.packets_in - std::min(counts.packets_in, messages);
  return {
      .dropped = counts.dropped_loss + counts.dropped_queue + counts.dropped_down,
      .dropped_copies_at_most = std::min(counts.duplicated, counts.dropped_queue) + others,
      .undelivered_at_most = counts.corrupted + counts.held_at_the_end + missed_frames * in_a_frame,
      .duplicated = counts.duplicated,
      .reordered = counts.reordered,
      .corrupted = counts.corrupted};
}

/// What happened since then; all that is still in the link may be of it.
LinkCounts since(const LinkCounts& before, LinkCounts now) {
  now.packets_in -= before.packets_in;
  now.dropped_loss -= before.dropped_loss;
  now.dropped_queue -= before.dropped_queue;
  now.dropped_down -= before.dropped_down;
  now.duplicated -= before.duplicated;
  now.reordered -= before.reordered;
  now.corrupted -= before.corrupted;
  return now;
}

Crossing crossing_of(const TestRecord& record, std::size_t stream, const LabSpec& lab) {
  const StreamRecord& ours = record.streams[stream];
  const bool from_client = is_from_client(record, stream);
  Crossing crossing{.transport = record.parameters.transport,
                    .source = from_client ? ours.local : ours.remote,
                    .destination_port = (from_client ? ours.remote : ours.local).port(),
                    .message_octets = record.parameters.length,
                    .mtu_octets = lab.mtu_octets};
  if (record.parameters.netduel) crossing.drain = record.parameters.netduel->drain;
  const SenderReport* const sender = sender_report(record, stream);
  if (record.interrupted || record.error || sender == nullptr) {
    crossing.cut = "the test did not run to its end";
  } else if (sender->omitted_messages > 0) {
    crossing.cut = "the link counts the omitted time too";
  }
  if (sender != nullptr) {
    crossing.largest_super_packet_messages = sender->socket.largest_super_packet_messages;
    crossing.messages_sent = sender->counts.sent;
  }
  return crossing;
}

}  // namespace

std::optional<FlowOnLink> hold_against_link(TrialResult& trial, const Truth& truth,
                                            std::uint64_t missed_frames) {
  const Crossing crossing{
      .transport = trial.plan.transport,
      .source = trial.sender.source,
      .destination_port = trial.plan.receiver.port(),
      .message_octets = trial.plan.message_octets,
      .mtu_octets = trial.plan.mtu_octets,
      .drain = trial.plan.drain,
      .cut = trial.interrupted ? "the trial was interrupted" : "",
      .largest_super_packet_messages = trial.sender.socket.largest_super_packet_messages};
  const FlowTruth* const flow = flow_of(crossing, truth.a_to_b);
  if (flow == nullptr) return std::nullopt;
  if (why_undecided(crossing, truth.a_to_b).empty()) {
    check_against_link(trial.ledger, figures_of(crossing, flow->counts, missed_frames));
  }
  const FlowTruth* const answers = answers_to(*flow, truth.b_to_a);
  return FlowOnLink{.ordinal = flow->ordinal,
                    .there = flow->counts,
                    .back = answers != nullptr ? answers->counts : LinkCounts{}};
}

void hold_against_link(TestRecord& record, const TruthBefore& before, const Truth& truth) {
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const Direction direction = is_from_client(record, i) ? Direction::a_to_b : Direction::b_to_a;
    const DirectionTruth& way = truth.of(direction);
    const Crossing crossing = crossing_of(record, i, truth.spec);
    const FlowTruth* const flow = flow_of(crossing, way);
    if (flow == nullptr) continue;
    LinkFlow& link = record.streams[i].link.emplace();
    link.ordinal = flow->ordinal;
    link.undecided = why_undecided(crossing, way);
    if (!link.undecided.empty()) continue;
    const FlowTruth* const earlier = flow_of(crossing, before.of(direction));
    const bool is_same = earlier != nullptr && earlier->ordinal == flow->ordinal;
    link.figures =
        figures_of(crossing, is_same ? since(earlier->counts, flow->counts) : flow->counts,
                   way.missed_by_the_lab - before.of(direction).missed_by_the_lab);
  }
}

}  // namespace netduel
