#include "lab/lab.hpp"

#include <chrono>
#include <future>
#include <vector>

#include "netduel/transport/udp_socket.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

LabSpec up(const Impairment& impairment) {
  LabSpec spec;
  spec.a_to_b = impairment;
  spec.seed = 1;
  return spec;
}

/// A lab that runs, and a UDP socket on each host.
struct Hosts {
  explicit Hosts(const LabSpec& spec, IpVersion version = IpVersion::v4) : lab(spec) {
    on_a.emplace(
        os::in_network(lab.a(), [&] { return UdpSocket::open(Lab::address_of_a(version)); }));
    on_b.emplace(
        os::in_network(lab.b(), [&] { return UdpSocket::open(Lab::address_of_b(version)); }));
    lab.start();
  }

  void send(const std::vector<Octets>& messages) {
    const auto batch = views(messages);
    const auto result = on_a->send_to(batch, on_b->local(), in_good_time());
    REQUIRE(result.accepted == messages.size());
  }

  /// What comes to b until nothing has come for a while.
  std::vector<Octets> received() {
    std::vector<Octets> all;
    for (;;) {
      const ReceiveResult result = on_b->receive(in(300ms));
      for (const Received& message : result.messages) all.push_back(copy(message.payload));
      if (result.end != End::open) return all;
    }
  }

  Lab lab;
  std::optional<UdpSocket> on_a;
  std::optional<UdpSocket> on_b;
};

std::vector<Octets> ten_messages() {
  std::vector<Octets> messages;
  for (std::uint32_t n = 0; n < 10; ++n) messages.push_back(noise(1000, n));
  return messages;
}

/// Sends noise from a to b by TCP; whether it came as it was sent.
bool tcp_delivers(const Lab& lab, std::size_t octets) {
  TcpListener listener =
      os::in_network(lab.b(), [] { return TcpListener::open(Lab::address_of_b(IpVersion::v4)); });
  const Octets sent = noise(octets, 1);
  auto sender = std::async(std::launch::async, [&] {
    TcpConnection connection = os::in_network(
        lab.a(), [&] { return TcpConnection::connect(listener.local(), {}, in_good_time()); });
    const Bytes whole = sent;
    (void)connection.send({&whole, 1}, in_good_time());
    (void)connection.finish(in_good_time());
    // Until the peer has closed, else what is unsent would be dropped.
    (void)receive_octets(connection, 1);
  });
  Octets got;
  {
    auto connection = listener.accept(in_good_time());
    REQUIRE(connection);
    got = receive_octets(*connection, octets);
  }
  sender.get();
  return got == sent;
}

}  // namespace

TEST_CASE("a link without impairments passes all, in order, and counts wire packets",
          "[lab][threads][.netns]") {
  const IpVersion version = GENERATE(IpVersion::v4, IpVersion::v6);
  Hosts hosts({}, version);
  const auto messages = ten_messages();
  // In one batch, which may be one super-packet.
  hosts.send(messages);
  CHECK(hosts.received() == messages);
  const Truth truth = hosts.lab.stop();
  CHECK(truth.a_to_b.udp.packets_in == 10);
  CHECK(truth.a_to_b.udp.forwarded == 10);
  const std::uint64_t headers = version == IpVersion::v4 ? 28 : 48;
  CHECK(truth.a_to_b.udp.octets_in == 10 * (1000 + headers));
  CHECK(truth.b_to_a.udp.packets_in == 0);
  REQUIRE_FALSE(truth.a_to_b.flows.empty());
  CHECK(truth.trustworthy);
}

TEST_CASE("a link loses just the packets of the script, also out of a super-packet",
          "[lab][threads][.netns]") {
  const IpVersion version = GENERATE(IpVersion::v4, IpVersion::v6);
  Impairment impairment;
  impairment.loss = ScriptedLoss{{{2, 2}, {4, 6}}};
  Hosts hosts(up(impairment), version);
  const auto messages = ten_messages();
  hosts.send(messages);
  const std::vector<Octets> expected = {messages[0], messages[2], messages[6],
                                        messages[7], messages[8], messages[9]};
  CHECK(hosts.received() == expected);
  const Truth truth = hosts.lab.stop();
  CHECK(truth.a_to_b.udp.dropped_loss == 4);
  CHECK(truth.a_to_b.udp.forwarded == 6);
}

TEST_CASE("a copy follows its packet", "[lab][threads][.netns]") {
  Impairment impairment;
  impairment.duplicate = 1;
  Hosts hosts(up(impairment));
  const auto messages = ten_messages();
  hosts.send(messages);
  const auto got = hosts.received();
  REQUIRE(got.size() == 20);
  for (std::size_t n = 0; n < 20; ++n) CHECK(got[n] == messages[n / 2]);
  CHECK(hosts.lab.stop().a_to_b.udp.duplicated == 10);
}

TEST_CASE("UDP's checksum sees a bit that was flipped, and not words that were swapped",
          "[lab][threads][.netns]") {
  const IpVersion version = GENERATE(IpVersion::v4, IpVersion::v6);
  Impairment impairment;
  const bool flips = GENERATE(true, false);
  (flips ? impairment.corrupt : impairment.corrupt_swap) = 1;
  Hosts hosts(up(impairment), version);
  const auto messages = ten_messages();
  hosts.send(messages);
  const auto got = hosts.received();
  CHECK(hosts.lab.stop().a_to_b.udp.corrupted == 10);
  if (flips) {
    CHECK(got.empty());
    return;
  }
  REQUIRE(got.size() == 10);
  for (std::size_t n = 0; n < 10; ++n) {
    CHECK(got[n].size() == messages[n].size());
    CHECK(got[n] != messages[n]);
  }
}

TEST_CASE("a packet is under way for the delay, each way its own", "[lab][threads][.netns]") {
  LabSpec spec;
  spec.a_to_b.delay = 30ms;
  spec.b_to_a.delay = 80ms;
  Hosts hosts(spec);
  const auto there = std::chrono::steady_clock::now();
  hosts.send({noise(10, 1)});
  REQUIRE(hosts.on_b->receive(in_good_time()).messages.size() == 1);
  const auto back = std::chrono::steady_clock::now();
  CHECK(back - there >= 30ms);
  const Octets answer = noise(10, 2);
  const Bytes view = answer;
  REQUIRE(hosts.on_b->send_to({&view, 1}, hosts.on_a->local(), in_good_time()).accepted == 1);
  REQUIRE(hosts.on_a->receive(in_good_time()).messages.size() == 1);
  CHECK(std::chrono::steady_clock::now() - back >= 80ms);
}

TEST_CASE("TCP delivers all over a link that loses, duplicates, reorders and corrupts",
          "[lab][threads][.netns]") {
  Impairment impairment;
  impairment.loss = IndependentLoss{0.02};
  impairment.duplicate = 0.02;
  impairment.reorder = 0.02;
  impairment.corrupt = 0.02;
  Hosts hosts(up(impairment));
  constexpr std::size_t octets = 1'000'000;
  CHECK(tcp_delivers(hosts.lab, octets));
  const LinkCounts tcp = hosts.lab.stop().a_to_b.tcp;
  // Super-packets were cut: each wire packet had its own fate.
  CHECK(tcp.packets_in >= octets / 1460);
  CHECK(tcp.dropped_loss > 0);
  CHECK(tcp.duplicated > 0);
  CHECK(tcp.corrupted > 0);
}

TEST_CASE("TCP's packets are marked before a queue that is long", "[lab][threads][.netns]") {
  Impairment impairment;
  impairment.bottleneck_bits_per_second = 20e6;
  impairment.mark = QueueLength{QueueLength::Unit::packets, 5};
  Hosts hosts(up(impairment));
  CHECK(tcp_delivers(hosts.lab, 500'000));
  CHECK(hosts.lab.stop().a_to_b.tcp.marked > 0);
}

TEST_CASE("frames that the lab itself misses are counted and told", "[lab][threads][.netns]") {
  Lab lab({});
  UdpSocket socket =
      os::in_network(lab.a(), [] { return UdpSocket::open(Lab::address_of_a(IpVersion::v4)); });
  // Nobody takes them out of the ring yet.
  const Octets message = noise(20, 1);
  const Bytes view = message;
  const Endpoint to = Lab::address_of_b(IpVersion::v4).with_port(9);
  constexpr std::uint64_t sent = 3000;
  for (std::uint64_t n = 0; n < sent; ++n) {
    REQUIRE(socket.send_to({&view, 1}, to, in_good_time()).accepted == 1);
  }
  lab.start();
  Truth truth = lab.truth();
  const auto begin = std::chrono::steady_clock::now();
  while (truth.a_to_b.udp.packets_in + truth.a_to_b.missed_by_the_lab < sent &&
         std::chrono::steady_clock::now() - begin < 10s) {
    std::this_thread::sleep_for(10ms);
    truth = lab.truth();
  }
  CHECK(truth.a_to_b.missed_by_the_lab > 0);
  // The interface has a few things of its own to say.
  CHECK(truth.a_to_b.all.packets_in + truth.a_to_b.missed_by_the_lab >= sent);
  CHECK_FALSE(truth.trustworthy);
  REQUIRE_FALSE(truth.why.empty());
  CHECK(truth.why.front().id == "lab_dropped_frames");
}
