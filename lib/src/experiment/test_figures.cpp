#include "experiment/test_figures.hpp"

#include <algorithm>
#include <chrono>

#include "experiment/test_report.hpp"
#include "session/peer_results.hpp"

namespace netduel {
namespace {

std::uint64_t less(std::uint64_t count, std::uint64_t taken_off) {
  return count - std::min(count, taken_off);
}

const PeerStream* peer_stream(const TestRecord& record, int id) {
  if (!record.theirs) return nullptr;
  const auto found = std::ranges::find(record.theirs->streams, id, &PeerStream::id);
  return found == record.theirs->streams.end() ? nullptr : &*found;
}

const NetduelStream* netduel_stream(const TestRecord& record, int id) {
  if (!record.theirs) return nullptr;
  const auto found = std::ranges::find(record.theirs->netduel, id, &NetduelStream::id);
  return found == record.theirs->netduel.end() ? nullptr : &*found;
}

/// Between two hosts the receiver's kernel joins what it likes, whatever the sender handed over.
SuperPacketSize joined_at(const ReceiverReport& receiver) {
  constexpr std::uint32_t most = 64;  // Linux's UDP_GRO_CNT_MAX
  return {.smallest = 1, .largest = receiver.socket.receive_offload ? most : 1};
}

/// TCP_INFO counts from the opening of the connection.
std::uint64_t retransmits_while_omitted(const TestRecord& record, std::size_t stream) {
  std::uint64_t omitted = 0;
  for (const IntervalMark& mark : record.intervals) {
    if (!mark.omitted) break;
    if (stream >= mark.tcp.size() || !mark.tcp[stream]) continue;
    omitted = mark.tcp[stream]->retransmitted_segments.value_or(omitted);
  }
  return omitted;
}

void add_sender(const TestRecord& record, const SenderReport& report, TestFigures& figures) {
  figures.sent_octets = report.counts.sent * record.parameters.length;
  if (record.parameters.transport == Transport::udp) {
    figures.sent_packets = report.counts.sent;
  } else if (report.tcp) {
    figures.retransmits = report.tcp->retransmitted_segments;
  }
}

void add_receiver(const TestRecord& record, const ReceiverReport& report, TestFigures& figures) {
  figures.received_octets = report.octets;
  if (record.parameters.transport != Transport::udp) return;
  const std::uint64_t most = std::max(report.stream_messages, report.counts.next_expected);
  figures.packets = most;
  figures.lost = less(most, report.counts.unique);
  figures.out_of_order = report.counts.reordered;
  const auto jitter = report.meter.get<DelayVariation>().jitter_rfc3550();
  figures.jitter_seconds = jitter ? jitter->count() : 0;
}

/// A sender that isn't netduel. What it has sent in the omitted time is in its count of packets, so
/// that ours is the better one where it was told of the last number.
void add_stock_sender(const TestRecord& record, const PeerStream& peer, TestFigures& figures) {
  figures.sent_octets = peer.octets;
  if (record.parameters.transport == Transport::tcp) {
    figures.retransmits = peer.retransmits;
  } else {
    figures.sent_packets =
        figures.packets ? *figures.packets : less(peer.packets, peer.omitted_packets.value_or(0));
  }
}

void add_stock_receiver(const TestRecord& record, const PeerStream& peer, std::uint64_t omitted,
                        TestFigures& figures) {
  figures.received_octets = peer.octets;
  if (record.parameters.transport != Transport::udp) return;
  // Before 3.14 nobody told of the omitted packets, and what this end left out is close to it.
  const std::uint64_t told = peer.omitted_packets.value_or(0);
  figures.packets = less(peer.packets, told > 0 ? told : omitted);
  const auto at_least_0 = [](std::int64_t count) {
    return count > 0 ? static_cast<std::uint64_t>(count) : 0;
  };
  figures.lost = less(at_least_0(peer.lost), at_least_0(peer.omitted_lost.value_or(0)));
  figures.jitter_seconds = peer.jitter_seconds;
}

double peer_seconds(const PeerStream* peer, double ours) {
  if (peer == nullptr || !peer->start_seconds || !peer->end_seconds) return ours;
  const double seconds = *peer->end_seconds - *peer->start_seconds;
  return seconds > 0 ? seconds : ours;
}

}  // namespace

const SenderReport* sender_report(const TestRecord& record, std::size_t stream) {
  const StreamRecord& ours = record.streams[stream];
  if (ours.sender) return &*ours.sender;
  const NetduelStream* const theirs = netduel_stream(record, ours.id);
  return !ours.sends && theirs != nullptr && theirs->sender ? &*theirs->sender : nullptr;
}

const ReceiverReport* receiver_report(const TestRecord& record, std::size_t stream) {
  const StreamRecord& ours = record.streams[stream];
  if (ours.receiver) return &*ours.receiver;
  const NetduelStream* const theirs = netduel_stream(record, ours.id);
  return ours.sends && theirs != nullptr && theirs->receiver ? &*theirs->receiver : nullptr;
}

TestFigures figures_of(const TestRecord& record, std::size_t stream) {
  const StreamRecord& ours = record.streams[stream];
  const PeerStream* const peer = peer_stream(record, ours.id);
  const double our_seconds = std::max(0.0, std::chrono::duration<double>(record.duration).count());
  const double their_seconds = peer_seconds(peer, our_seconds);
  TestFigures figures;
  figures.sends = ours.sends;
  figures.sender_seconds = ours.sends ? our_seconds : their_seconds;
  figures.receiver_seconds = ours.sends ? their_seconds : our_seconds;
  if (const auto* const report = receiver_report(record, stream)) {
    add_receiver(record, *report, figures);
    figures.receiver_seconds =
        std::chrono::duration<double>(receiving_time(record.parameters, record.duration, *report))
            .count();
  } else if (ours.sends && peer != nullptr) {
    const std::uint64_t omitted = ours.sender ? ours.sender->omitted_messages : 0;
    add_stock_receiver(record, *peer, omitted, figures);
  }
  if (const auto* const report = sender_report(record, stream)) {
    add_sender(record, *report, figures);
  } else if (!ours.sends && peer != nullptr) {
    add_stock_sender(record, *peer, figures);
  }
  if (ours.sends && figures.retransmits) {
    figures.retransmits = less(*figures.retransmits, retransmits_while_omitted(record, stream));
  }
  return figures;
}

std::optional<Ledger> ledger_of(const TestRecord& record, std::size_t stream) {
  if (message_format(record.parameters) == MessageFormat::opaque) return std::nullopt;
  const ReceiverReport* const receiver = receiver_report(record, stream);
  if (receiver == nullptr) return std::nullopt;
  const SenderReport* const sender = sender_report(record, stream);
  // Stock iperf3 tells nothing but the last number, which the receiver's count rests on.
  const std::uint64_t known = std::max(receiver->stream_messages, receiver->counts.next_expected);
  SenderCounts counts =
      sender != nullptr ? sender->counts : SenderCounts{.offered = known, .sent = known};
  if (!one_host(record)) counts.super_packets = joined_at(*receiver);
  Ledger ledger =
      close_ledger(counts, receiver->counts,
                   {.host = receiver->host,
                    .loopback = stays_in_host(record),
                    .guaranteed_by_service = record.parameters.transport == Transport::tcp,
                    .cut = !receiver->read_to_the_end});
  const auto& link = record.streams[stream].link;
  if (link && link->figures) check_against_link(ledger, *link->figures);
  return ledger;
}

bool is_peer_netduel(const TestRecord& record) {
  if (record.terms || (record.theirs && !record.theirs->netduel.empty())) return true;
  // A client asks everyone for it; to a server it shows who asks.
  return record.role == Role::server && record.parameters.netduel.has_value();
}

bool is_from_client(const TestRecord& record, std::size_t stream) {
  return record.streams[stream].sends == (record.role == Role::client);
}

Directions directions(const TestRecord& record) {
  const bool both = record.parameters.direction == TestDirection::both;
  Directions directions;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    (both && !is_from_client(record, i) ? directions.reverse : directions.first).push_back(i);
  }
  return directions;
}

}  // namespace netduel
