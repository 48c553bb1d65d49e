#include "lab/star.hpp"

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "lab/link.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"
#include "wire/octets.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

constexpr std::uint16_t port = 5001;

StarSpec hosts_beside_a(std::size_t count) {
  StarSpec spec;
  spec.ports.resize(count + 1);
  spec.seed = 7;
  return spec;
}

Endpoint group_of(IpVersion version) {
  return *Endpoint::parse(version == IpVersion::v4 ? "239.9.9.9:5001" : "[ff15::9]:5001");
}

/// A star that runs, and on each of its hosts a UDP socket that may join.
struct Hosts {
  explicit Hosts(const StarSpec& spec, IpVersion of = IpVersion::v4) : version(of), lab(spec) {
    for (std::size_t n = 0; n < lab.hosts(); ++n) {
      sockets.push_back(os::in_network(lab.host(n), [&] {
        return UdpSocket::open(Endpoint::any(version, port), {.multicast_interface = "eth0"});
      }));
    }
    lab.start();
  }

  /// Joins in one's own network, as interfaces are known by their names there.
  void join(std::size_t host, std::optional<Endpoint> source = {}) {
    os::in_network(lab.host(host), [&] {
      sockets[host].join({.group = group_of(version), .interface = "eth0", .source = source});
    });
  }
  void leave(std::size_t host) {
    os::in_network(lab.host(host), [&] {
      sockets[host].leave({.group = group_of(version), .interface = "eth0", .source = {}});
    });
  }
  void send(std::size_t host, std::uint32_t number) {
    Octets message(100);
    put_u32(message, 0, number);
    const Bytes view = message;
    const Endpoint to = group_of(version).with_port(port);
    REQUIRE(sockets[host].send_to({&view, 1}, to, in_good_time()).accepted == 1);
  }
  /// Numbers of the messages that come to a host until nothing has come for a while.
  std::vector<std::uint32_t> received(std::size_t host, std::chrono::nanoseconds quiet = 200ms) {
    std::vector<std::uint32_t> numbers;
    for (;;) {
      const ReceiveResult result = sockets[host].receive(in(quiet));
      for (const Received& message : result.messages) {
        numbers.push_back(get_u32(message.payload, 0));
      }
      if (result.end != End::open) return numbers;
    }
  }
  /// Reports take their time: sends until all of some hosts have got something, and forgets it.
  void await_delivery(std::size_t from, const std::vector<std::size_t>& to) {
    for (const std::size_t host : to) {
      const auto patience = in_good_time();
      while (received(host, 5ms).empty()) {
        REQUIRE(std::chrono::steady_clock::now() < patience);
        send(from, 0);
      }
    }
    for (std::size_t host = 0; host < lab.hosts(); ++host) (void)received(host, 50ms);
  }
  std::uint64_t came_down(std::size_t host) const {
    return lab.truth().ports[host].down.udp.forwarded;
  }

  IpVersion version;
  StarLab lab;
  std::vector<UdpSocket> sockets;
};

using Numbers = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("a star forwards to the ports that have joined and stops when they leave",
          "[lab][threads][.netns]") {
  Hosts hosts(hosts_beside_a(3), GENERATE(IpVersion::v4, IpVersion::v6));
  hosts.join(1);
  hosts.join(3);
  hosts.await_delivery(0, {1, 3});
  for (std::uint32_t n = 1; n <= 20; ++n) hosts.send(0, n);
  CHECK(hosts.received(1).size() == 20);
  CHECK(hosts.received(3).size() == 20);
  CHECK(hosts.came_down(2) == 0);

  hosts.leave(3);
  const auto patience = in_good_time();
  for (std::uint64_t before = 0, after = 1; after != before;) {
    REQUIRE(std::chrono::steady_clock::now() < patience);
    before = hosts.came_down(3);
    hosts.send(0, 0);
    (void)hosts.received(1, 20ms);
    after = hosts.came_down(3);
  }
  const std::uint64_t until_then = hosts.came_down(3);
  for (std::uint32_t n = 1; n <= 20; ++n) hosts.send(0, n);
  CHECK(hosts.received(1).size() == 20);
  CHECK(hosts.came_down(3) == until_then);
}

TEST_CASE("a source-specific join keeps another source off a port", "[lab][threads][.netns]") {
  const IpVersion version = GENERATE(IpVersion::v4, IpVersion::v6);
  Hosts hosts(hosts_beside_a(3), version);
  hosts.join(1, StarLab::address_of(0, version));
  hosts.join(2);
  hosts.await_delivery(0, {1, 2});
  const std::uint64_t before = hosts.came_down(1);
  for (std::uint32_t n = 1; n <= 10; ++n) hosts.send(3, n);
  CHECK(hosts.received(2).size() == 10);
  CHECK(hosts.came_down(1) == before);
  for (std::uint32_t n = 11; n <= 20; ++n) hosts.send(0, n);
  CHECK(hosts.received(1) == Numbers{11, 12, 13, 14, 15, 16, 17, 18, 19, 20});
}

TEST_CASE("each of 16 hosts gets just what its port's seed and a's let through",
          "[lab][threads][.netns]") {
  constexpr std::size_t count = 16;
  constexpr std::uint32_t messages = 400;
  StarSpec spec = hosts_beside_a(count);
  spec.ports[0].up.loss = IndependentLoss{0.03};
  for (std::size_t n = 1; n <= count; ++n) {
    spec.ports[n].down.loss = IndependentLoss{0.005 * static_cast<double>(n)};
    spec.ports[n].down.delay = std::chrono::milliseconds(n);
  }
  Hosts hosts(spec);
  std::vector<std::size_t> all;
  for (std::size_t n = 1; n <= count; ++n) {
    hosts.join(n);
    all.push_back(n);
  }
  hosts.await_delivery(0, all);
  const StarTruth before = hosts.lab.truth();
  std::vector<Numbers> got(count + 1);
  const auto take = [&](std::chrono::nanoseconds quiet) {
    for (std::size_t n = 1; n <= count; ++n) {
      const Numbers more = hosts.received(n, quiet);
      got[n].insert(got[n].end(), more.begin(), more.end());
    }
  };
  for (std::uint32_t n = 1; n <= messages; ++n) {
    hosts.send(0, n);
    if (n % 50 == 0) take(1ms);
  }
  take(100ms);
  const StarTruth after = hosts.lab.stop();

  // What the seeds say, by numbers that go on behind those of before.
  const auto lost_by = [&](std::size_t at, const Impairment& impairment, Direction direction,
                           std::uint64_t number) {
    Channel channel;
    return fate_of(impairment, seed_of_port(spec.seed, at), direction, {0, number}, channel).lost;
  };
  const std::uint64_t sent_before = before.ports[0].up.udp.packets_in;
  Numbers shared;
  for (std::uint32_t n = 1; n <= messages; ++n) {
    if (!lost_by(0, spec.ports[0].up, Direction::a_to_b, sent_before + n)) shared.push_back(n);
  }
  std::set<Numbers> different;
  for (std::size_t n = 1; n <= count; ++n) {
    CAPTURE(n);
    const LinkCounts& down = after.ports[n].down.udp;
    const LinkCounts& down_before = before.ports[n].down.udp;
    CHECK(got[n].size() == down.forwarded - down_before.forwarded);
    CHECK(down.packets_in - down_before.packets_in == shared.size());
    Numbers expected;
    for (std::size_t k = 0; k < shared.size(); ++k) {
      const std::uint64_t number = down_before.packets_in + k + 1;
      if (!lost_by(n, spec.ports[n].down, Direction::b_to_a, number)) expected.push_back(shared[k]);
    }
    CHECK(got[n] == expected);
    different.insert(got[n]);
  }
  CHECK(different.size() == count);
  CHECK(shared.size() < messages);
  CHECK(after.ports[0].up.udp.dropped_loss > before.ports[0].up.udp.dropped_loss);
}

TEST_CASE("hosts of a star reach one another by unicast, over both of their links",
          "[lab][threads][.netns]") {
  const IpVersion version = GENERATE(IpVersion::v4, IpVersion::v6);
  StarSpec spec = hosts_beside_a(3);
  spec.ports[2].up.delay = 30ms;
  spec.ports[3].down.delay = 40ms;
  Hosts hosts(spec, version);
  const Octets message = noise(50, 1);
  const Bytes view = message;
  const auto begin = std::chrono::steady_clock::now();
  const Endpoint to = StarLab::address_of(3, version).with_port(port);
  REQUIRE(hosts.sockets[2].send_to({&view, 1}, to, in_good_time()).accepted == 1);
  REQUIRE(hosts.sockets[3].receive(in_good_time()).messages.size() == 1);
  CHECK(std::chrono::steady_clock::now() - begin >= 70ms);
  const StarTruth truth = hosts.lab.stop();
  CHECK(truth.ports[2].up.udp.forwarded == 1);
  CHECK(truth.ports[3].down.udp.forwarded == 1);
  CHECK(truth.ports[0].down.udp.packets_in == 0);
  CHECK(truth.ports[1].down.udp.packets_in == 0);
}

TEST_CASE("what is for a host that has said nothing yet goes to no other",
          "[lab][threads][.netns]") {
  StarSpec spec = hosts_beside_a(3);
  // Too little for IPv6, of which hosts speak unasked.
  spec.mtu_octets = 1000;
  Hosts hosts(spec);
  const Octets message = noise(50, 1);
  const Bytes view = message;
  const Endpoint to = StarLab::address_of(3, IpVersion::v4).with_port(port);
  REQUIRE(hosts.sockets[0].send_to({&view, 1}, to, in_good_time()).accepted == 1);
  REQUIRE(hosts.sockets[3].receive(in_good_time()).messages.size() == 1);
  CHECK(hosts.came_down(1) == 0);
  CHECK(hosts.came_down(2) == 0);
}

TEST_CASE("a star of 201 hosts is made and all of them get what they have joined",
          "[lab][threads][.netns]") {
  constexpr std::size_t count = 200;
  Hosts hosts(hosts_beside_a(count));
  std::vector<std::size_t> all;
  for (std::size_t n = 1; n <= count; ++n) {
    hosts.join(n);
    all.push_back(n);
  }
  for (const std::size_t host : all) {
    const auto patience = in_good_time();
    while (hosts.received(host, 1ms).empty()) {
      REQUIRE(std::chrono::steady_clock::now() < patience);
      hosts.send(0, 0);
    }
  }
  CHECK(hosts.lab.stop().ports.size() == count + 1);
}
