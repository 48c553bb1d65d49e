// Uses something of every public header, so that what isn't exported fails to link.
#include <array>
#include <chrono>
#include <iostream>
#include <utility>
#include <vector>

#include "check.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/base/report.hpp"
#include "netduel/base/units.hpp"
#include "netduel/measure/clock_offset.hpp"
#include "netduel/measure/delay_variation.hpp"
#include "netduel/measure/drop_gaps.hpp"
#include "netduel/measure/histogram.hpp"
#include "netduel/measure/ledger.hpp"
#include "netduel/measure/loss_periods.hpp"
#include "netduel/measure/metrics.hpp"
#include "netduel/measure/paired.hpp"
#include "netduel/measure/reorder_density.hpp"
#include "netduel/measure/reordering.hpp"
#include "netduel/measure/sequence_window.hpp"
#include "netduel/measure/statistics.hpp"
#include "netduel/measure/tcp_metrics.hpp"
#include "netduel/transport/tcp.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "netduel/transport/wait_set.hpp"
#include "netduel/wire/overhead.hpp"
#include "netduel/wire/probe.hpp"

using namespace netduel;
using namespace std::chrono_literals;

namespace {

Deadline in_good_time() {
  return std::chrono::steady_clock::now() + 20s;
}

void use_base() {
  const auto endpoint = Endpoint::parse("[2001:db8::1]:80");
  check(endpoint && endpoint->to_string() == "[2001:db8::1]:80");
  check(endpoint->with_port(81).port() == 81 && endpoint->address_to_string() == "2001:db8::1");
  check(Endpoint::v4({127, 0, 0, 1}, 1).is_loopback() && Endpoint::v6({}, 1).is_unspecified());
  check(Endpoint::any(IpVersion::v4) == Endpoint() && !Endpoint().is_multicast());

  check(parse_bit_rate("10M") == 10e6 && format_bit_rate(10e6) == "10 Mbit/s");
  check(parse_octets("64K") == 65536U && format_octets(65536) == "64 KiB");
  check(parse_duration("20ms") == 20ms && format_duration(0.02) == "20 ms");
  check(parse_dscp("ef") == 46);
  check(parse_ratio("2%") == 0.02 && format_ratio(0.02) == "2 %");
  check(format_count(1234567) == "1 234 567" && format_number(28.4) == "28.4");

  Report report;
  {
    const Report::Scope scope(report, join_path("a", "b"));
    report.add("c", std::uint64_t{1});
    report.add_optional("d", std::optional<double>());
  }
  check(report.rows().size() == 2 && report.find_row("a.b.c") != nullptr);
  check(*report.find("a.b.d") == Value(Absent{}));
}

void use_wire() {
  const WireCost cost = message_cost({}, 1448);
  check(cost.packets == 1 && cost.loss_amplification(0.5) == 0.5);
  check(packed_stream_cost({.transport = Transport::tcp}, 1448).wire_efficiency_ratio > 0.9);
  std::array<std::byte, Probe::octets> octets{};
  const Probe probe{.sequence = 5, .sent = WallTime(1s)};
  encode(probe, octets);
  check(decode_probe(octets) == probe);
}

void use_measure() {
  Report report;
  DurationHistogram histogram;
  histogram.record(5ms);
  histogram.merge(histogram);
  check(histogram.min() == 5ms && histogram.max() == 5ms && histogram.percentile(0.5) == 5ms);
  check(percentile_rank(0.5, 10) == 5);

  SequenceWindow window;
  StreamMeter meter;
  DelayVariation variation;
  LossPeriods periods;
  ReorderDensity density;
  for (const std::uint64_t sequence : {0U, 2U, 1U, 4U}) {
    const Placement placement = window.place(sequence);
    const WallTime sent{std::chrono::milliseconds(sequence)};
    const Arrival arrival{sequence, 100, sent, sent + 9ms, sent + 9ms};
    meter.observe(arrival, placement);
    variation.observe(arrival, placement);
    periods.observe(arrival, placement);
    density.observe(arrival, placement);
  }
  meter.finish(5);
  periods.finish(5);
  periods.merge(LossPeriods());
  density.finish(5);
  check(density.displaced_by(1) == 1 && density.occupied_by(1) == 1);
  density.describe(report);
  check(periods.lost() == 1 && periods.periods() == 1 && periods.mean_length() == 1.0);
  check(!periods.mean_inter_period() && periods.noticeable_ratio() && periods.gilbert());
  check(variation.pdv().min() == 0ms && variation.ipdv().percentile(0.5) && variation.ipdv().min());
  check(variation.jitter_rfc3550().has_value() && variation.ipdv().max());
  check(meter.get<Reordering>().reordered() == 1 && meter.get<Reordering>().ratio());
  check(meter.get<Reordering>().n_reordered(1) == 1 && !meter.get<Reordering>().mean_gap());
  check(meter.get<Reordering>().mean_late_time() && meter.get<Reordering>().discontinuities() == 1);
  check(meter.get<Throughput>().duration() == 13ms && meter.get<Duplication>().fraction() == 0.0);
  check(meter.get<Throughput>().goodput_bits_per_second().has_value());
  Delay delay = meter.get<Delay>();
  delay.merge(delay);
  Reordering reordering = meter.get<Reordering>();
  reordering.merge(reordering);
  Duplication duplication = meter.get<Duplication>();
  duplication.merge(duplication);
  check(duplication.replicated_ratio() == 0.0 && IntervalThroughput(1s).length() == 1s);
  SignedDurationHistogram ipdv = variation.ipdv();
  ipdv.merge(ipdv);
  check(tcp_efficiency(100, 2) == 0.98 && buffer_delay(2ms, 1ms) == 1.0);
  check(tcp_transfer_time_ratio(2s, 1, 8) == 2.0);

  meter.describe(report);
  variation.describe(report);
  periods.describe(report);
  describe_percentiles(report, "more_seconds", histogram);
  check(report.find("more_seconds.p50") != nullptr);

  DropGaps gaps;
  gaps.observe({Order::gap, 2}, 1);
  gaps.close(1, 1);
  check(gaps.messages_dropped({}) == Bounds{1, 1});
  Ledger ledger = close_ledger({.offered = 5, .sent = 5}, {.unique = 4, .next_expected = 5}, {});
  check_against_link(ledger, {.dropped = 1});
  check(ledger.balanced() && sum(std::array{ledger, ledger}).delivered == 8);
  describe(ledger, report);

  const std::array sample = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
  check(median(sample) == 3.5 && median_ranks(6) && median_interval(sample).low);
  check(paired_ratios(sample, sample).size() == 6);
  check(claim(paired_ratio(sample, sample), 0.02) == Claim::no_difference_shown);
  check(bootstrap_paired_ratio(sample, sample, 1).median == 1.0);
  check(wilson_interval(1, 2).median == 0.5 && jain_index(sample));
}

void use_clocks() {
  // Both ways take 1 ms.
  const WallTime asked{1000s};
  const ClockExchange exchange{asked, asked + 11ms, asked + 11ms, asked + 2ms};
  const auto clocks = estimate_clock_offset({&exchange, 1});
  check(clocks && !clocks->stepped && clocks->usable_for_delay(10ms));
  check(clocks->bound_at(asked + 1h) > clocks->bound_at(asked));
  const Arrival arrival{0, 100, asked, asked + 13ms, asked + 13ms};
  Delay delay;
  delay.observe(on_near_clock(arrival, ReceivingClock::far_clock, {}), {});
  const auto correction =
      delay_correction({}, *clocks, ReceivingClock::far_clock, asked, asked + 3ms);
  check(correction.bound && delay.shifted(correction.shift).to_read().max() < 4ms);
}

void use_udp(UdpSocket socket) {
  const std::array<std::byte, 10> octets{};
  const Bytes message(octets);
  check(socket.send_to({&message, 1}, socket.local(), in_good_time()).accepted == 1);

  WaitSet first;
  WaitSet set = std::move(first);
  set.set(socket.native_handle(), Interest::readable, 7);
  const auto ready = set.wait(in_good_time());
  check(ready.size() == 1 && ready[0].key == 7);
  set.remove(socket.native_handle());
  check(socket.receive(in_good_time()).messages.size() == 1);
  check(socket.counters().largest_super_packet_octets == 10);
}

void use_multicast(UdpSocket socket) {
  const MulticastMembership membership{.group = Endpoint::v4({239, 255, 1, 2}, 0),
                                       .interface = "lo"};
  socket.join(membership);
  socket.leave(membership);
  (void)UdpSocket::path_mtu_octets(socket.local());
}

void use_tcp() {
  TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  TcpConnection client = TcpConnection::connect(listener.local(), {}, in_good_time());
  auto server = listener.accept(in_good_time());
  check(server && server->remote() == client.local());
  const std::array<std::byte, 10> octets{};
  const Bytes message(octets);
  check(client.send({&message, 1}, in_good_time()).accepted == 1);
  server->frame(10);
  check(server->receive(in_good_time()).messages.size() == 1);
  check(client.finish(in_good_time()));
  check(server->receive(in_good_time()).end == End::finished);
  (void)client.info();
  check(client.counters().largest_super_packet_octets == 10);
  check(client.native_handle() != listener.native_handle());
  server->abort();
}

}  // namespace

int main() {
  use_base();
  use_wire();
  use_measure();
  use_clocks();
  use_udp(UdpSocket::open(Endpoint::loopback(IpVersion::v4)));
  use_multicast(UdpSocket::open(Endpoint::any(IpVersion::v4)));
  use_tcp();
  std::cout << "ok\n";
}
