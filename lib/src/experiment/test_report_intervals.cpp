#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "experiment/test_figures.hpp"
#include "experiment/test_report_parts.hpp"

namespace netduel {
namespace {

using Seconds = std::chrono::duration<double>;

std::uint64_t risen(std::uint64_t before, std::uint64_t now) {
  return now - std::min(before, now);
}

LiveFigures live(const IntervalMark* mark, std::size_t stream) {
  return mark != nullptr && stream < mark->streams.size() ? mark->streams[stream] : LiveFigures{};
}

std::optional<TcpInfo> tcp(const IntervalMark* mark, std::size_t stream) {
  return mark != nullptr && stream < mark->tcp.size() ? mark->tcp[stream] : std::nullopt;
}

std::optional<std::uint64_t> microseconds(std::optional<std::chrono::nanoseconds> time) {
  if (!time) return std::nullopt;
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(0, std::chrono::round<std::chrono::microseconds>(*time).count()));
}

void describe_tcp(const TcpInfo& info, Report& report) {
  report.add_optional("snd_cwnd", info.congestion_window_octets, "octets");
  report.add_optional("snd_wnd", info.send_window_octets, "octets");
  report.add_optional("rtt", microseconds(info.smoothed_rtt), "us");
  report.add_optional("rttvar", microseconds(info.rtt_variation), "us");
  report.add_optional("pmtu", info.path_mtu_octets, "octets");
}

}  // namespace

/// What a stream, or several, did within one interval.
struct IntervalWalk::Part {
  bool sends = false;
  std::uint64_t octets = 0;
  std::optional<std::uint64_t> retransmits;
  std::uint64_t messages = 0;
  std::uint64_t lost = 0;
  double jitter_seconds = 0;

  void add(const Part& other) {
    sends = other.sends;
    octets += other.octets;
    if (other.retransmits) retransmits = retransmits.value_or(0) + *other.retransmits;
    messages += other.messages;
    lost += other.lost;
    jitter_seconds += other.jitter_seconds;
  }
  void describe_datagrams(Report& report) const {
    const std::uint64_t packets = messages + lost;
    if (!sends) {
      report.add("jitter_ms", 1000 * jitter_seconds, "ms");
      report.add("lost_packets", lost);
    }
    report.add("packets", packets);
    if (!sends) report.add("lost_percent", percent(lost, packets), "%");
  }
};

IntervalWalk::Part IntervalWalk::part_of(const TestRecord& record, const IntervalMark& mark,
                                         std::size_t stream) const {
  const LiveFigures earlier = live(before_, stream);
  const LiveFigures now = live(&mark, stream);
  Part part;
  part.sends = record.streams[stream].sends;
  part.octets = risen(earlier.octets, now.octets);
  part.messages = risen(earlier.messages, now.messages);
  part.jitter_seconds = Seconds(now.jitter).count();
  if (!part.sends) {
    part.lost = risen(stream < most_lost_.size() ? most_lost_[stream] : 0, now.lost);
    return part;
  }
  const auto info = tcp(&mark, stream);
  if (info && info->retransmitted_segments) {
    const auto info_before = tcp(before_, stream);
    const auto known = info_before ? info_before->retransmitted_segments : std::nullopt;
    part.retransmits = risen(known.value_or(0), *info->retransmitted_segments);
  }
  return part;
}

void IntervalWalk::describe_next(const TestRecord& record, Report& report) {
  const IntervalMark& mark = record.intervals[next_];
  const auto from = before_ != nullptr ? before_->at : std::chrono::nanoseconds{};
  const auto zero = mark.omitted ? std::chrono::nanoseconds{} : omitted_until_;
  const double start = Seconds(from - zero).count();
  const double end = Seconds(std::max(mark.at, from) - zero).count();
  const bool udp = record.parameters.transport == Transport::udp;

  const auto describe = [&](const Part& part, const std::optional<TcpInfo>& info) {
    describe_transfer(start, end, part.octets, report);
    if (udp) part.describe_datagrams(report);
    if (part.retransmits) report.add("retransmits", *part.retransmits);
    if (part.retransmits && info) describe_tcp(*info, report);
    report.add("omitted", mark.omitted);
    report.add("sender", part.sends);
  };
  if (record.streams.empty()) report.add("streams", EmptyList{});
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const Report::Scope scope(report, fmt::format("streams[{}]", i));
    report.add("socket", socket_number(record.streams[i]));
    describe(part_of(record, mark, i), tcp(&mark, i));
  }
  const auto describe_sum = [&](const char* name, const std::vector<std::size_t>& streams) {
    if (streams.empty()) return;
    Part sum;
    for (const std::size_t i : streams) sum.add(part_of(record, mark, i));
    sum.jitter_seconds /= static_cast<double>(streams.size());
    const Report::Scope scope(report, name);
    describe(sum, std::nullopt);
  };
  const auto [first, reverse] = directions(record);
  describe_sum("sum", first);
  describe_sum("sum_bidir_reverse", reverse);
  skip_next(record);
}

void IntervalWalk::skip_next(const TestRecord& record) {
  const IntervalMark& mark = record.intervals[next_++];
  before_ = &mark;
  if (mark.omitted) omitted_until_ = mark.at;
  most_lost_.resize(std::max(most_lost_.size(), mark.streams.size()));
  for (std::size_t i = 0; i < mark.streams.size(); ++i) {
    most_lost_[i] = std::max(most_lost_[i], mark.streams[i].lost);
  }
}

}  // namespace netduel
