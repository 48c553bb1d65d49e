// What sockets with one peer promise, of every engine that moves datagrams.
#include <array>

#include "os/datagram_io.hpp"
#include "os/wait.hpp"
#include "support/catch.hpp"
#include "support/engines.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

struct Place {
  Engine engine = GENERATE(from_range(engines()));
  IpVersion version = GENERATE(from_range(ip_versions()));

  std::unique_ptr<DatagramIo> open(UdpOptions options = {}) const {
    return engine.open(Endpoint::loopback(version), std::move(options));
  }
};

const std::vector<Octets> hello{noise(4, 1)};
const std::vector<Octets> other{noise(5, 2)};

/// The next message and where it came from.
std::pair<Octets, Endpoint> next_of(DatagramIo& io) {
  const ReceiveResult result = io.receive(in_good_time());
  if (result.messages.empty()) return {};
  return {copy(result.messages[0].payload), result.messages[0].source};
}

}  // namespace

TEST_CASE("a socket with a peer gets only what the peer sends", "[datagram]") {
  const Place at;
  INFO(at.engine);
  const auto peer = at.open();
  const auto stranger = at.open();
  const auto socket = at.open({.peer = peer->local()});
  stranger->send_to(views(other), socket->local(), in_good_time());
  peer->send_to(views(hello), socket->local(), in_good_time());
  CHECK(next_of(*socket) == std::pair(hello[0], peer->local()));
  CHECK(socket->receive(at_once()).end == End::timed_out);
}

TEST_CASE("what is sent to the peer arrives whole and in order", "[datagram]") {
  const Place at;
  INFO(at.engine);
  const auto peer = at.open({.receive_buffer_octets = std::size_t{4} << 20});
  const auto socket = at.open({.peer = peer->local()});
  std::vector<Octets> sent = numbered(300, 1000);
  sent.push_back(noise(10, 1));
  CHECK(socket->send_to(views(sent), peer->local(), in_good_time()).accepted == sent.size());
  std::vector<Octets> arrived;
  while (arrived.size() < sent.size()) {
    const ReceiveResult result = peer->receive(in_good_time());
    REQUIRE(result.end == End::open);
    for (const Received& message : result.messages) {
      CHECK(message.source == socket->local());
      arrived.push_back(copy(message.payload));
    }
  }
  CHECK(arrived == sent);
}

TEST_CASE("a socket with a peer refuses any other destination", "[datagram]") {
  const Place at;
  INFO(at.engine);
  const auto peer = at.open();
  const auto stranger = at.open();
  const auto socket = at.open({.peer = peer->local()});
  const std::vector<Octets> batch{hello[0], hello[0]};
  const SendResult result = socket->send_to(views(batch), stranger->local(), in_good_time());
  CHECK(result.accepted == 0);
  CHECK(result.refused_messages == 1);
  CHECK(result.refused == std::errc::already_connected);
  CHECK_FALSE(socket->send_to({}, stranger->local(), in_good_time()).refused);
  CHECK(stranger->receive(at_once()).end == End::timed_out);
}

TEST_CASE("several sockets share one port, each with a peer of its own", "[datagram]") {
  const Place at;
  INFO(at.engine);
  const std::array peers{at.open(), at.open(), at.open()};
  const auto waiting = at.open({.reuse_address = true});
  const Endpoint shared = waiting->local();
  std::vector<std::unique_ptr<DatagramIo>> served;
  for (const auto& peer : peers) {
    served.push_back(at.engine.open(shared, {.reuse_address = true, .peer = peer->local()}));
  }
  // Whom nobody serves yet comes to the one that waits.
  const auto newcomer = at.open();
  for (std::uint32_t i = 0; i < peers.size(); ++i) {
    const std::vector<Octets> own{noise(10, i)};
    peers[i]->send_to(views(own), shared, in_good_time());
    CHECK(next_of(*served[i]) == std::pair(own[0], peers[i]->local()));
    served[i]->send_to(views(hello), peers[i]->local(), in_good_time());
    CHECK(next_of(*peers[i]) == std::pair(hello[0], shared));
  }
  newcomer->send_to(views(other), shared, in_good_time());
  CHECK(next_of(*waiting) == std::pair(other[0], newcomer->local()));
}

TEST_CASE("a peer that listens no more ends neither receiving nor sending", "[datagram]") {
  const Place at;
  INFO(at.engine);
  const UdpOptions shared{.reuse_address = true};
  auto peer = at.open(shared);
  const Endpoint there = peer->local();
  const auto socket = at.open({.peer = there});
  peer.reset();
  for (int i = 0; i < 3; ++i) {
    CHECK(socket->send_to(views(hello), there, in_good_time()).accepted == 1);
  }
  CHECK(socket->receive(in(20ms)).end == End::timed_out);
  CHECK(socket->send_to(views(hello), there, in_good_time()).accepted == 1);

  peer = at.engine.open(there, shared);
  CHECK(socket->send_to(views(other), there, in_good_time()).accepted == 1);
  CHECK(next_of(*peer) == std::pair(other[0], socket->local()));
  peer->send_to(views(other), socket->local(), in_good_time());
  CHECK(next_of(*socket) == std::pair(other[0], there));
  if (const auto errors = socket->counters().icmp_errors) CHECK(*errors == 4);
}

TEST_CASE("a socket with a peer has the address that it sends from", "[datagram]") {
  const Place at;
  INFO(at.engine);
  const auto peer = at.open();
  const auto socket = at.engine.open(Endpoint::any(at.version), {.peer = peer->local()});
  CHECK(socket->local() == Endpoint::loopback(at.version, socket->local().port()));
}

TEST_CASE("a peer that can't be one is named", "[datagram]") {
  const Place at;
  INFO(at.engine);
  const auto open = [&](const Endpoint& peer) {
    return failure_of([&] { at.open({.peer = peer}); });
  };
  const auto [no_port, why_no_port] = open(Endpoint::loopback(at.version));
  CHECK_THAT(no_port, containing("connect a UDP socket to"));
  CHECK(why_no_port == std::errc::invalid_argument);
  const IpVersion wrong = at.version == IpVersion::v4 ? IpVersion::v6 : IpVersion::v4;
  CHECK(open(Endpoint::loopback(wrong, 9)).second);
}
