// Sends numbered messages over loopback, and accounts for each of them.
#include <array>
#include <chrono>
#include <iostream>
#include <vector>

#include "check.hpp"
#include "netduel/measure/ledger.hpp"
#include "netduel/measure/metrics.hpp"
#include "netduel/measure/sequence_window.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "netduel/wire/probe.hpp"

using namespace netduel;

int main() {
  constexpr std::uint64_t count = 100;
  constexpr std::size_t message_octets = 200;
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  UdpSocket sender = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  UdpSocket receiver = UdpSocket::open(Endpoint::loopback(IpVersion::v4));

  std::vector<std::array<std::byte, message_octets>> slab(count);
  std::vector<Bytes> batch;
  // The number 7 is never sent, and 3 is sent twice.
  for (std::uint64_t n = 0; n < count; ++n) {
    encode({.sequence = n == 7 ? 3 : n, .sent = wall_now()}, slab[n]);
    batch.emplace_back(slab[n]);
  }
  check(sender.send_to(batch, receiver.local(), deadline).accepted == count);

  SequenceWindow window;
  StreamMeter meter;
  ReceiverCounts received;
  for (std::uint64_t arrived = 0; arrived < count;) {
    const ReceiveResult result = receiver.receive(deadline);
    check(result.end == End::open);
    for (const Received& message : result.messages) {
      ++arrived;
      const auto probe = decode_probe(message.payload);
      check(probe && message.source == sender.local());
      const Placement placement = window.place(probe->sequence);
      meter.observe({.sequence = probe->sequence,
                     .octets = static_cast<std::uint32_t>(message.payload.size()),
                     .sent = probe->sent,
                     .arrived = message.arrived,
                     .read_at = message.read_at},
                    placement);
    }
  }
  check(window.next_expected() == count);
  check(meter.get<Loss>().unique() == count - 1);
  check(meter.get<Loss>().lost(count) == 1);
  check(meter.get<Duplication>().duplicates() == 1);
  check(meter.get<Throughput>().unique_octets() == (count - 1) * message_octets);
  check(meter.get<Delay>().to_read().percentile(0.5) > std::chrono::nanoseconds(0));

  received.unique = meter.get<Loss>().unique();
  received.duplicates = meter.get<Duplication>().duplicates();
  received.next_expected = window.next_expected();
  const Ledger ledger = close_ledger({.offered = count, .sent = count}, received, {});
  check(ledger.balanced());
  check(ledger.lost_elsewhere == Bounds{0, 1});
  Report report;
  describe(ledger, report);
  meter.describe(report);
  check(report.find("ledger.delivered") != nullptr);
  check(*report.find("ledger.delivered") == Value(count - 1));
  std::cout << "ok\n";
}
