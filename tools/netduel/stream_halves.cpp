#include "stream_halves.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "session/peer_results.hpp"

namespace netduel::tool {
namespace {

double seconds(const TestRecord& record) {
  return std::chrono::duration<double>(record.duration).count();
}

StreamHalf half(const SenderReport& report, const TestRecord& record) {
  StreamHalf half;
  half.octets = report.counts.sent * record.parameters.length;
  half.seconds = seconds(record);
  if (report.tcp) half.retransmits = report.tcp->retransmitted_segments;
  half.datagrams = report.counts.sent;
  return half;
}

StreamHalf half(const ReceiverReport& report, const TestRecord& record) {
  StreamHalf half;
  half.octets = report.octets;
  half.seconds =
      std::chrono::duration<double>(receiving_time(record.parameters, record.duration, report))
          .count();
  const std::uint64_t most = std::max(report.stream_messages, report.counts.next_expected);
  half.datagrams = most;
  half.lost = static_cast<std::int64_t>(most - std::min(most, report.counts.unique));
  const auto jitter = report.meter.get<DelayVariation>().jitter_rfc3550();
  half.jitter_seconds = jitter.value_or(std::chrono::duration<double>{}).count();
  return half;
}

StreamHalf half(const PeerStream& stream, const TestRecord& record) {
  StreamHalf half;
  half.octets = stream.octets;
  half.seconds = stream.end_seconds.value_or(0) - stream.start_seconds.value_or(0);
  if (half.seconds <= 0) half.seconds = seconds(record);
  half.retransmits = stream.retransmits;
  half.datagrams = stream.packets - std::min(stream.packets, stream.omitted_packets.value_or(0));
  half.lost = stream.lost - stream.omitted_lost.value_or(0);
  half.jitter_seconds = stream.jitter_seconds;
  return half;
}

template <class Report>
std::optional<StreamHalf> half_of(const TestRecord& record, std::size_t stream, bool here,
                                  std::optional<Report> StreamRecord::*ours,
                                  std::optional<Report> NetduelStream::*theirs) {
  const StreamRecord& own = record.streams[stream];
  if (here) {
    if (own.*ours) return half(*(own.*ours), record);
    return std::nullopt;
  }
  if (!record.theirs) return std::nullopt;
  for (const NetduelStream& told : record.theirs->netduel) {
    if (told.id == own.id && told.*theirs) return half(*(told.*theirs), record);
  }
  for (const PeerStream& told : record.theirs->streams) {
    if (told.id == own.id) return half(told, record);
  }
  return std::nullopt;
}

}  // namespace

void StreamHalf::add(const StreamHalf& other) {
  octets += other.octets;
  seconds = std::max(seconds, other.seconds);
  if (other.retransmits) retransmits = retransmits.value_or(0) + *other.retransmits;
  datagrams += other.datagrams;
  lost += other.lost;
  jitter_seconds += other.jitter_seconds;
}

std::optional<StreamHalf> sending_half(const TestRecord& record, std::size_t stream) {
  return half_of<SenderReport>(record, stream, record.streams[stream].sends, &StreamRecord::sender,
                               &NetduelStream::sender);
}

std::optional<StreamHalf> receiving_half(const TestRecord& record, std::size_t stream) {
  return half_of<ReceiverReport>(record, stream, !record.streams[stream].sends,
                                 &StreamRecord::receiver, &NetduelStream::receiver);
}

std::string lost_text(std::int64_t lost, std::uint64_t all) {
  const double percent =
      all == 0 ? 0.0 : 100.0 * static_cast<double>(lost) / static_cast<double>(all);
  return fmt::format("{}/{} ({:.2g}%)", lost, all, percent);
}

}  // namespace netduel::tool
