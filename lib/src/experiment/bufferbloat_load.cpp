#include "experiment/bufferbloat_load.hpp"

#include <algorithm>

#include "base/seconds.hpp"
#include "experiment/test_figures.hpp"
#include "lab/bottleneck.hpp"
#include "netduel/wire/overhead.hpp"
#include "netduel/wire/probe.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t idle_message_octets = 64;
/// After a pause longer than its retransmission timeout a receiver acknowledges at once (Linux's
/// quick acknowledgements), so that a delayed acknowledgement isn't taken for a round trip.
constexpr double idle_messages_per_second = 2.5;
constexpr std::size_t write_octets = 16 * 1024;
/// How far above what the path carries UDP is offered: a queue of 500 ms is full after 2 s.
constexpr double least_factor = 1.25;
/// An emulated path has no other users, and its queue may be longer than a phase.
constexpr double largest_factor = 2;
constexpr int part_that_fills = 4;
/// A sender skips what a busy machine made it miss, whole bursts at a time, so with bursts as long
/// as this a shorter stall costs nothing of the load. Bounded by what leaves as one super-packet.
constexpr double burst_seconds = 0.01;
constexpr double longest_burst = 64;
/// iperf3's default for UDP, where nothing is known.
constexpr double unknown_rate = 1e6;

std::size_t headers(IpVersion version) {
  return (version == IpVersion::v4 ? ipv4_header_octets : ipv6_header_octets) + udp_header_octets;
}

std::optional<double> rate_of(std::uint64_t octets, double seconds) {
  if (!(seconds > 0)) return std::nullopt;
  return 8 * static_cast<double>(octets) / seconds;
}

/// Of all streams, where each is known.
struct Sum {
  std::optional<std::uint64_t> value = 0;
  void add(std::optional<std::uint64_t> more) {
    value = value && more ? std::optional(*value + *more) : std::nullopt;
  }
};

/// How long messages came: without what the first of them waited in a queue that fills. Absent
/// where nobody has told.
std::optional<double> arriving_seconds(const TestRecord& record, std::size_t stream) {
  const ReceiverReport* const receiver = receiver_report(record, stream);
  if (receiver == nullptr || record.parameters.transport != Transport::udp) return std::nullopt;
  const Throughput& throughput = receiver->meter.get<Throughput>();
  if (!throughput.first_read() || !throughput.last_read()) return std::nullopt;
  return seconds(*throughput.last_read() - *throughput.first_read());
}

/// A sender of netduel offers what is due in the time, and the end of a test takes a while longer.
double offering_seconds(const TestRecord& record, const TestFigures& figures) {
  const auto& netduel = record.parameters.netduel;
  const bool planned = netduel && netduel->time > 0ns;
  return planned ? std::min(figures.sender_seconds, seconds(netduel->time))
                 : figures.sender_seconds;
}

std::string congestion_of(const TestRecord& record) {
  const SenderReport* const sender = sender_report(record, 0);
  if (sender != nullptr && sender->tcp) return sender->tcp->congestion;
  if (!record.streams.front().sends && record.theirs) return record.theirs->congestion_used;
  return record.parameters.congestion;
}

}  // namespace

void set_idle(TestParameters& parameters, std::chrono::nanoseconds time) {
  set_load(parameters, TestDirection::forward, time, 0ns);
  parameters.transport = Transport::tcp;
  parameters.length = idle_message_octets;
  parameters.no_delay = true;
  parameters.bits_per_second = 8 * idle_message_octets * idle_messages_per_second;
  parameters.netduel->schedule = ScheduleKind::periodic;
}

void set_load(TestParameters& parameters, TestDirection direction, std::chrono::nanoseconds time,
              std::chrono::nanoseconds settling) {
  parameters.direction = direction;
  NetduelParameters& ours = *parameters.netduel;
  ours.omit = settling;
  ours.time = time - settling;
  parameters.omit = std::chrono::ceil<std::chrono::seconds>(ours.omit);
  parameters.time = std::chrono::ceil<std::chrono::seconds>(ours.time);
}

void set_tcp(TestParameters& parameters, const std::string& congestion, unsigned streams) {
  parameters.transport = Transport::tcp;
  parameters.length = write_octets;
  parameters.parallel = streams;
  parameters.congestion = congestion;
  // A stream without messages ends with its time, whatever its send buffer still holds.
  parameters.netduel->probes = false;
}

void set_udp(TestParameters& parameters, std::size_t octets, double bits_per_second) {
  parameters.transport = Transport::udp;
  parameters.length = octets;
  parameters.bits_per_second = bits_per_second;
  const double messages = bits_per_second * burst_seconds / (8 * static_cast<double>(octets));
  parameters.burst = static_cast<std::uint64_t>(std::clamp(messages, 1.0, longest_burst));
  parameters.netduel->schedule = ScheduleKind::periodic;
}

std::size_t datagram_octets(std::size_t mtu_octets, IpVersion version) {
  const std::size_t most = mtu_octets - std::min(headers(version), mtu_octets);
  return std::clamp(most, Probe::octets, largest_udp_payload_v4);
}

double filling_rate(const BufferbloatSpec& spec, TestDirection direction,
                    std::optional<double> tcp_bits_per_second, std::size_t datagram_octets) {
  if (spec.udp_bits_per_second) return *spec.udp_bits_per_second;
  double carried = tcp_bits_per_second.value_or(0);
  double factor = least_factor;
  if (spec.lab) {
    const Impairment& way =
        spec.lab->of(direction == TestDirection::forward ? Direction::a_to_b : Direction::b_to_a);
    if (way.bottleneck_bits_per_second) {
      const auto payload = static_cast<double>(datagram_octets);
      const auto packet =
          static_cast<double>(datagram_octets + headers(spec.client.server.version()));
      carried = std::max(carried, *way.bottleneck_bits_per_second * payload / packet);
      const double full = seconds(longest_wait(way)) / (seconds(spec.time) / part_that_fills);
      factor = std::clamp(1 + full, least_factor, largest_factor);
    }
  }
  return carried > 0 ? factor * carried : unknown_rate;
}

BufferbloatLoad load_of(const TestRecord& record) {
  BufferbloatLoad load;
  load.transport = record.parameters.transport;
  load.direction = record.parameters.direction;
  load.streams = record.streams.size();
  if (record.streams.empty()) return load;
  Sum received, sent, packets, lost;
  double receiving = 0;
  double sending = 0;
  for (std::size_t i = 0; i < record.streams.size(); ++i) {
    const TestFigures figures = figures_of(record, i);
    received.add(figures.received_octets);
    sent.add(figures.sent_octets);
    packets.add(figures.packets);
    lost.add(figures.lost);
    receiving = std::max(receiving, arriving_seconds(record, i).value_or(figures.receiver_seconds));
    sending = std::max(sending, offering_seconds(record, figures));
  }
  if (received.value) load.goodput_bits_per_second = rate_of(*received.value, receiving);
  if (load.transport == Transport::tcp) {
    load.congestion = congestion_of(record);
    return load;
  }
  load.planned_bits_per_second = record.parameters.bits_per_second;
  if (sent.value) load.offered_bits_per_second = rate_of(*sent.value, sending);
  if (packets.value && lost.value && *packets.value > 0) {
    load.loss_ratio = static_cast<double>(std::min(*lost.value, *packets.value)) /
                      static_cast<double>(*packets.value);
  }
  return load;
}

std::vector<RoundTrip> round_trips_of_kernel(const TestRecord& record) {
  std::vector<RoundTrip> round_trips;
  for (const IntervalMark& mark : record.intervals) {
    if (mark.tcp.empty() || !mark.tcp.front() || !mark.tcp.front()->smoothed_rtt) continue;
    round_trips.push_back({.asked = mark.at, .took = mark.tcp.front()->smoothed_rtt});
  }
  return round_trips;
}

}  // namespace netduel
