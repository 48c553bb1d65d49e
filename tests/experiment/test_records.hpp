#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

#include "experiment/test_report.hpp"
#include "netduel/measure/sequence_window.hpp"
#include "report/json.hpp"
#include "session/test_record.hpp"

namespace netduel::test {

inline constexpr std::size_t length = 1000;
inline constexpr std::uint64_t sent = 100;
inline constexpr std::uint64_t lost = 2;
inline constexpr std::uint64_t came = sent - lost;

/// A hundred messages a millisecond apart, each on its way for 50 us; the two before the last one
/// don't come by UDP.
inline ReceiverReport receiver_report(Transport transport) {
  ReceiverReport report;
  SequenceWindow window;
  const WallTime start{std::chrono::seconds(1'700'000'000)};
  for (std::uint64_t i = 0; i < sent; ++i) {
    if (transport == Transport::udp && i >= sent - 1 - lost && i < sent - 1) continue;
    const WallTime due = start + std::chrono::milliseconds(i);
    const WallTime read_at = due + std::chrono::microseconds(50);
    report.meter.observe(
        {.sequence = i, .octets = length, .sent = due, .arrived = read_at, .read_at = read_at},
        window.place(i));
    report.octets += length;
  }
  report.meter.finish(sent);
  report.stream_messages = sent;
  report.counts.unique = report.meter.get<Loss>().unique();
  report.counts.next_expected = window.next_expected();
  report.socket.send_buffer.granted_octets = 16384;
  report.socket.receive_buffer.granted_octets = 131072;
  return report;
}

inline SenderReport sender_report(Transport transport) {
  SenderReport report;
  report.counts = {.offered = sent, .sent = sent};
  report.socket.send_buffer.granted_octets = 16384;
  report.socket.receive_buffer.granted_octets = 131072;
  if (transport == Transport::tcp) {
    report.tcp.emplace();
    report.tcp->congestion = "cubic";
    report.tcp->retransmitted_segments = 7;
  }
  return report;
}

inline TcpInfo tcp_info(std::uint64_t retransmits, std::chrono::microseconds rtt) {
  TcpInfo info;
  info.retransmitted_segments = retransmits;
  info.congestion_window_octets = 14480;
  info.send_window_octets = 65536;
  info.smoothed_rtt = rtt;
  info.rtt_variation = std::chrono::microseconds(5);
  info.path_mtu_octets = 1500;
  return info;
}

inline PeerStream stock_stream(const StreamRecord& stream, Transport transport) {
  PeerStream peer;
  peer.id = stream.id;
  peer.jitter_seconds = 0.001;
  peer.start_seconds = 0;
  peer.end_seconds = 2.5;
  peer.packets = sent;
  if (stream.sends) {
    peer.lost = lost;
    peer.octets = (transport == Transport::udp ? came : sent) * length;
  } else {
    peer.octets = sent * length;
    if (transport == Transport::tcp) peer.retransmits = 4;
  }
  return peer;
}

inline void add_interval(TestRecord& record, std::chrono::nanoseconds at, std::uint64_t messages,
                         std::uint64_t missing, std::uint64_t retransmits) {
  IntervalMark mark{.streams = {}, .tcp = {}, .at = at};
  const bool tcp = record.parameters.transport == Transport::tcp;
  for (const StreamRecord& stream : record.streams) {
    const std::uint64_t gone = stream.sends || tcp ? 0 : missing;
    const std::uint64_t counted = messages - gone;
    mark.streams.push_back({.octets = counted * length, .messages = counted, .lost = gone});
    mark.tcp.emplace_back();
    // A round trip of 100 us after a second, of 200 after two.
    const std::chrono::microseconds rtt(at / std::chrono::milliseconds(10));
    if (tcp && stream.sends) mark.tcp.back() = tcp_info(retransmits, rtt);
  }
  record.intervals.push_back(mark);
}

/// What a client knows of a test of two seconds with a stock server, before and after the streams'
/// reports.
inline TestRecord running(Transport transport, TestDirection direction, unsigned parallel = 1) {
  using namespace std::chrono_literals;
  TestRecord record;
  record.parameters.transport = transport;
  record.parameters.direction = direction;
  record.parameters.parallel = parallel;
  record.parameters.length = length;
  record.parameters.time = 2s;
  record.cookie = "abcdefghijklmnopqrstuvwxyz234567abcd";
  record.local = *Endpoint::parse("192.0.2.1:40000");
  record.remote = *Endpoint::parse("192.0.2.2:5201");
  record.began = WallTime{std::chrono::seconds(1'795'729'508)};
  record.control_info.send_mss_octets = 1448;
  record.control_info.path_mtu_octets = 1500;
  const unsigned ways = direction == TestDirection::both ? 2 : 1;
  for (unsigned i = 0; i < parallel * ways; ++i) {
    const bool sends =
        direction == TestDirection::forward || (direction == TestDirection::both && i < parallel);
    record.streams.push_back({.id = i == 0 ? 1 : static_cast<int>(i) + 2,
                              .sends = sends,
                              .local = *Endpoint::parse("192.0.2.1:40001"),
                              .remote = record.remote,
                              .handle = static_cast<NativeHandle>(5 + i),
                              .sender = {},
                              .receiver = {}});
  }
  add_interval(record, 1s, 60, 1, 3);
  add_interval(record, 2s, sent, lost, 7);
  return record;
}

inline TestRecord finished(Transport transport, TestDirection direction, unsigned parallel = 1) {
  TestRecord record = running(transport, direction, parallel);
  record.duration = std::chrono::seconds(2);
  record.streams_reported = true;
  record.ours.cpu_total = 12.5;
  record.theirs.emplace();
  if (transport == Transport::tcp) {
    record.ours.congestion_used = "cubic";
    record.theirs->congestion_used = "bbr";
  }
  for (StreamRecord& stream : record.streams) {
    if (stream.sends) {
      stream.sender = sender_report(transport);
    } else {
      stream.receiver = receiver_report(transport);
    }
    record.theirs->streams.push_back(stock_stream(stream, transport));
  }
  return record;
}

/// Two clocks that are 10 us apart at most.
inline ClockRecord equal_clocks() {
  const WallTime first{std::chrono::seconds(1'700'000'000)};
  return {.assumed = {},
          .known = {.bound = std::chrono::microseconds(10),
                    .first = first,
                    .last = first + std::chrono::seconds(2),
                    .minimum_round_trip = std::chrono::microseconds(20),
                    .exchanges = 36}};
}

/// The same with a netduel server, which tells all that it knows.
inline TestRecord finished_with_netduel(Transport transport, TestDirection direction,
                                        unsigned parallel = 1) {
  TestRecord record = finished(transport, direction, parallel);
  record.parameters.netduel.emplace();
  record.parameters.netduel->time = record.parameters.time;
  record.terms.emplace();
  record.clock = equal_clocks();
  for (const StreamRecord& stream : record.streams) {
    NetduelStream theirs{.id = stream.id, .sender = {}, .receiver = {}};
    if (stream.sends) {
      theirs.receiver = receiver_report(transport);
    } else {
      theirs.sender = sender_report(transport);
    }
    record.theirs->netduel.push_back(theirs);
  }
  return record;
}

inline nlohmann::json document(const TestRecord& record) {
  return nlohmann::json::parse(to_json(describe_iperf3(record)));
}

}  // namespace netduel::test
