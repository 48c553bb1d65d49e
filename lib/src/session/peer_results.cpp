#include "session/peer_results.hpp"

#include <algorithm>

namespace netduel {
namespace {

void tell_sender(const SenderReport& report, const TestParameters& parameters, PeerStream& stream) {
  const bool udp = parameters.transport == Transport::udp;
  stream.octets = report.counts.sent * parameters.length;
  if (!udp && report.tcp) stream.retransmits = report.tcp->retransmitted_segments;
  if (udp) stream.packets = report.omitted_messages + report.counts.sent;
}

/// Lost is what has not come, exactly where the sender's count is known; its duplicates and its
/// order don't change that.
void tell_receiver(const ReceiverReport& report, const TestParameters& parameters,
                   PeerStream& stream) {
  const bool udp = parameters.transport == Transport::udp;
  stream.octets = report.octets;
  if (!udp) return;
  const auto jitter = report.meter.get<DelayVariation>().jitter_rfc3550();
  stream.jitter_seconds = jitter.value_or(std::chrono::duration<double>{}).count();
  const std::uint64_t most = std::max(report.stream_messages, report.counts.next_expected);
  stream.lost = static_cast<std::int64_t>(most - std::min(most, report.counts.unique));
  stream.packets = report.omitted_messages + most;
}

}  // namespace

std::chrono::nanoseconds receiving_time(const TestParameters& parameters,
                                        std::chrono::nanoseconds duration,
                                        const ReceiverReport& receiver) {
  const bool timed = parameters.octets == 0 && parameters.blocks == 0;
  const std::chrono::nanoseconds asked =
      parameters.netduel ? parameters.netduel->time : std::chrono::nanoseconds(parameters.time);
  const auto sent_for = timed ? std::min(duration, asked) : std::chrono::nanoseconds{};
  const auto time = std::max(sent_for, receiver.last_read);
  return time.count() > 0 ? time : duration;
}

TestResults results_of(const TestParameters& parameters, const std::vector<StreamRecord>& streams,
                       std::chrono::nanoseconds duration) {
  TestResults results;
  for (const StreamRecord& record : streams) {
    PeerStream stream;
    stream.id = record.id;
    stream.omitted_lost = 0;
    stream.omitted_packets = 0;
    stream.start_seconds = 0;
    stream.end_seconds = std::chrono::duration<double>(duration).count();
    if (record.sender) {
      results.sender_has_retransmits = parameters.transport == Transport::tcp;
      if (record.sender->tcp) results.congestion_used = record.sender->tcp->congestion;
      tell_sender(*record.sender, parameters, stream);
    }
    if (results.congestion_used.empty()) results.congestion_used = record.congestion;
    if (record.receiver) {
      tell_receiver(*record.receiver, parameters, stream);
      const auto time = receiving_time(parameters, duration, *record.receiver);
      stream.end_seconds = std::chrono::duration<double>(time).count();
    }
    results.streams.push_back(stream);
    if (parameters.netduel) {
      results.netduel.push_back(
          {.id = record.id, .sender = record.sender, .receiver = record.receiver});
    }
  }
  return results;
}

}  // namespace netduel
