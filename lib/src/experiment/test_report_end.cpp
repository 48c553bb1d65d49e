#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "experiment/test_figures.hpp"
#include "experiment/test_report_parts.hpp"

namespace netduel {
namespace {

using Count = std::optional<std::uint64_t>;

/// Figures of several streams; a sum in which a part is unknown is unknown.
struct Sum {
  bool sends = false;
  Count sent_octets = 0;
  Count received_octets = 0;
  double sender_seconds = 0;
  double receiver_seconds = 0;
  Count retransmits = 0;
  Count sent_packets = 0;
  Count packets = 0;
  Count lost = 0;
  std::optional<double> jitter_seconds = 0;
};

template <class T>
void add(std::optional<T>& total, const std::optional<T>& more) {
  total = total && more ? std::optional<T>(*total + *more) : std::nullopt;
}

Sum sum_of(const std::vector<TestFigures>& figures, const std::vector<std::size_t>& streams) {
  Sum sum;
  for (const std::size_t i : streams) {
    const TestFigures& one = figures[i];
    sum.sends = one.sends;
    add(sum.sent_octets, one.sent_octets);
    add(sum.received_octets, one.received_octets);
    sum.sender_seconds = std::max(sum.sender_seconds, one.sender_seconds);
    sum.receiver_seconds = std::max(sum.receiver_seconds, one.receiver_seconds);
    add(sum.retransmits, one.retransmits);
    add(sum.sent_packets, one.sent_packets ? one.sent_packets : one.packets);
    add(sum.packets, one.packets);
    add(sum.lost, one.lost);
    add(sum.jitter_seconds, one.jitter_seconds);
  }
  if (sum.jitter_seconds) *sum.jitter_seconds /= static_cast<double>(streams.size());
  return sum;
}

std::optional<double> lost_percent(const Count& lost, const Count& packets) {
  if (!lost || !packets) return std::nullopt;
  return percent(*lost, *packets);
}

void describe_loss(const std::optional<double>& jitter_seconds, const Count& lost,
                   const Count& packets, Report& report) {
  const auto jitter = jitter_seconds ? std::optional(1000 * *jitter_seconds) : std::nullopt;
  report.add_optional("jitter_ms", jitter, "ms");
  report.add_optional("lost_packets", lost);
  report.add_optional("packets", packets);
  report.add_optional("lost_percent", lost_percent(lost, packets), "%");
}

/// The extremes of what was seen when intervals ended.
struct Extremes {
  std::uint64_t most_window = 0;
  std::uint64_t most_peer_window = 0;
  std::uint64_t samples = 0;
  double rtt_sum = 0;
  double most_rtt = 0;
  double least_rtt = 0;

  void add(const TcpInfo& info) {
    most_window = std::max(most_window, info.congestion_window_octets.value_or(0));
    most_peer_window =
        std::max<std::uint64_t>(most_peer_window, info.send_window_octets.value_or(0));
    if (!info.smoothed_rtt) return;
    const double rtt = std::chrono::duration<double, std::micro>(*info.smoothed_rtt).count();
    most_rtt = std::max(most_rtt, rtt);
    least_rtt = samples == 0 ? rtt : std::min(least_rtt, rtt);
    rtt_sum += rtt;
    ++samples;
  }
};

std::uint64_t rounded(double microseconds) {
  return microseconds > 0 ? static_cast<std::uint64_t>(std::llround(microseconds)) : 0;
}

/// Like iperf3 zeros for a sender at the other end, whose windows nobody tells.
void describe_extremes(const TestRecord& record, std::size_t stream, Report& report) {
  Extremes seen;
  for (const IntervalMark& mark : record.intervals) {
    const bool ours = record.streams[stream].sends && stream < mark.tcp.size();
    if (ours && !mark.omitted && mark.tcp[stream]) seen.add(*mark.tcp[stream]);
  }
  const double mean = seen.samples > 0 ? seen.rtt_sum / static_cast<double>(seen.samples) : 0;
  report.add("max_snd_cwnd", seen.most_window, "octets");
  report.add("max_snd_wnd", seen.most_peer_window, "octets");
  report.add("max_rtt", rounded(seen.most_rtt), "us");
  report.add("min_rtt", rounded(seen.least_rtt), "us");
  report.add("mean_rtt", rounded(mean), "us");
}

void describe_tcp_stream(const TestRecord& record, std::size_t stream, const TestFigures& figures,
                         Report& report) {
  const std::uint64_t socket = socket_number(record.streams[stream]);
  {
    const Report::Scope scope(report, "sender");
    report.add("socket", socket);
    describe_transfer(0, figures.sender_seconds, figures.sent_octets, report);
    if (figures.retransmits) {
      report.add("retransmits", *figures.retransmits);
      describe_extremes(record, stream, report);
    }
    report.add("sender", figures.sends);
  }
  const Report::Scope scope(report, "receiver");
  report.add("socket", socket);
  describe_transfer(0, figures.receiver_seconds, figures.received_octets, report);
  report.add("sender", figures.sends);
}

void describe_udp_stream(const TestRecord& record, std::size_t stream, const TestFigures& figures,
                         Report& report) {
  const Report::Scope scope(report, "udp");
  report.add("socket", socket_number(record.streams[stream]));
  describe_transfer(0, figures.sender_seconds, figures.sent_octets, report);
  describe_loss(figures.jitter_seconds, figures.lost,
                figures.sent_packets ? figures.sent_packets : figures.packets, report);
  // Stock iperf3 doesn't tell, and has 0 here itself.
  report.add("out_of_order", figures.out_of_order.value_or(0));
  report.add("sender", figures.sends);
}

void describe_tcp_sums(const Sum& sum, const std::string& suffix, Report& report) {
  {
    const Report::Scope scope(report, "sum_sent" + suffix);
    describe_transfer(0, sum.sender_seconds, sum.sent_octets, report);
    if (sum.retransmits) report.add("retransmits", *sum.retransmits);
    report.add("sender", sum.sends);
  }
  const Report::Scope scope(report, "sum_received" + suffix);
  describe_transfer(0, sum.receiver_seconds, sum.received_octets, report);
  report.add("sender", sum.sends);
}

/// iperf3's `sum` holds what was sent and what was lost of it.
void describe_udp_sums(const Sum& sum, const std::string& suffix, Report& report) {
  {
    const Report::Scope scope(report, "sum" + suffix);
    describe_transfer(0, sum.sender_seconds, sum.sent_octets, report);
    describe_loss(sum.jitter_seconds, sum.lost, sum.sent_packets, report);
    report.add("sender", sum.sends);
  }
  {
    const Report::Scope scope(report, "sum_sent" + suffix);
    describe_transfer(0, sum.sender_seconds, sum.sent_octets, report);
    describe_loss(0.0, 0, sum.sent_packets, report);
    report.add("sender", true);
  }
  const Report::Scope scope(report, "sum_received" + suffix);
  describe_transfer(0, sum.receiver_seconds, sum.received_octets, report);
  describe_loss(sum.jitter_seconds, sum.lost, sum.packets, report);
  report.add("sender", false);
}

void describe_processors(const TestRecord& record, Report& report) {
  const Report::Scope scope(report, "cpu_utilization_percent");
  report.add("host_total", record.ours.cpu_total, "%");
  report.add("host_user", record.ours.cpu_user, "%");
  report.add("host_system", record.ours.cpu_system, "%");
  const auto theirs = [&](double TestResults::*share) {
    return record.theirs ? std::optional((*record.theirs).*share) : std::nullopt;
  };
  report.add_optional("remote_total", theirs(&TestResults::cpu_total), "%");
  report.add_optional("remote_user", theirs(&TestResults::cpu_user), "%");
  report.add_optional("remote_system", theirs(&TestResults::cpu_system), "%");
}

/// In a test of both directions the sender is this end.
void describe_congestion(const TestRecord& record, Report& report) {
  const bool sends = std::ranges::any_of(record.streams, &StreamRecord::sends);
  const std::string ours = record.ours.congestion_used;
  const std::string theirs = record.theirs ? record.theirs->congestion_used : std::string();
  const std::string& sender = sends ? ours : theirs;
  const std::string& receiver = sends ? theirs : ours;
  if (!sender.empty()) report.add("sender_tcp_congestion", sender);
  if (!receiver.empty()) report.add("receiver_tcp_congestion", receiver);
}

}  // namespace

bool describe_end(const TestRecord& record, Report& report) {
  if (!record.streams_reported || record.streams.empty()) return false;
  const bool udp = record.parameters.transport == Transport::udp;
  std::vector<TestFigures> figures;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    figures.push_back(figures_of(record, i));
    const Report::Scope scope(report, fmt::format("streams[{}]", i));
    (udp ? describe_udp_stream : describe_tcp_stream)(record, i, figures.back(), report);
  }
  const auto describe_sums = udp ? describe_udp_sums : describe_tcp_sums;
  const auto [first, reverse] = directions(record);
  if (!first.empty()) describe_sums(sum_of(figures, first), "", report);
  if (!reverse.empty()) describe_sums(sum_of(figures, reverse), "_bidir_reverse", report);
  describe_processors(record, report);
  if (!udp) describe_congestion(record, report);
  return true;
}

void describe_transfer(double start, double end, std::optional<std::uint64_t> octets,
                       Report& report) {
  const double seconds = std::max(0.0, end - start);
  report.add("start", start, "s");
  report.add("end", end, "s");
  report.add("seconds", seconds, "s");
  report.add_optional("bytes", octets, "octets");
  std::optional<double> rate;
  if (octets) rate = seconds > 0 ? 8 * static_cast<double>(*octets) / seconds : 0;
  report.add_optional("bits_per_second", rate, "bit/s");
}

std::uint64_t socket_number(const StreamRecord& stream) {
  return static_cast<std::uint64_t>(stream.handle >= 0 ? stream.handle : std::max(0, stream.id));
}

double percent(std::uint64_t part, std::uint64_t whole) {
  return whole > 0 ? 100 * static_cast<double>(part) / static_cast<double>(whole) : 0;
}

}  // namespace netduel
