// What a connection takes after it was accepted, and a listener that many come to.
#include "transport/tcp_adopted.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

int option(const TcpConnection& connection, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  REQUIRE(getsockopt(connection.native_handle(), level, name, &value, &length) == 0);
  return value;
}

}  // namespace

TEST_CASE("an accepted connection takes what a test asks for", "[tcp]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  const bool v4 = version == IpVersion::v4;
  auto [client, server] = tcp_pair({}, {.no_delay = true}, version);
  set_options(server, {.receive_buffer_octets = 65536,
                       .send_buffer_octets = 32768,
                       .mss_octets = 1000,
                       .keepalive = Keepalive{.idle = 11s},
                       .hop_limit = 33,
                       .dscp = 46});
  CHECK(option(server, IPPROTO_TCP, TCP_NODELAY) == 0);
  CHECK(option(server, IPPROTO_TCP, TCP_KEEPIDLE) == 11);
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  CHECK(option(server, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS) == 33);
  CHECK(option(server, level, v4 ? IP_TOS : IPV6_TCLASS) == 46 << 2);
  const SocketCounters counters = server.counters();
  CHECK(counters.receive_buffer.asked_octets == 65536U);
  CHECK(counters.receive_buffer.granted_octets >= 65536);
  CHECK(counters.send_buffer.asked_octets == 32768U);

  set_options(server, {.no_delay = true});
  CHECK(option(server, IPPROTO_TCP, TCP_NODELAY) == 1);
  CHECK(server.counters().receive_buffer.asked_octets == 65536U);
  CHECK(option(server, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS) == 33);
}

TEST_CASE("an accepted connection is cut into messages from then on", "[tcp]") {
  auto [client, server] = tcp_pair();
  const std::vector<Octets> cookie{noise(37, 1)};
  client.send(views(cookie), in_good_time());
  CHECK(receive_octets(server, 37) == cookie[0]);
  set_options(server, {.message_octets = 1000});
  const std::vector<Octets> sent = numbered(3, 1000);
  client.send(views(sent), in_good_time());
  CHECK(receive_messages(server, 3) == sent);
}

TEST_CASE("what an accepted connection can't have is named", "[tcp]") {
  TcpPair pair = tcp_pair();
  const auto refusal = [&](const TcpOptions& options) {
    return failure_of([&] { set_options(pair.server, options); }).first;
  };
  CHECK_THAT(refusal({.dscp = 64}), containing("DSCP 64"));
  CHECK_THAT(refusal({.congestion = "no-such-one"}), containing("'no-such-one'"));
  CHECK_THAT(refusal({.message_octets = SIZE_MAX}), containing("frame messages of"));
}

TEST_CASE("a listener keeps hundreds of connections until they are accepted", "[tcp]") {
  TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  constexpr std::size_t count = 300;
  std::vector<TcpConnection> clients;
  for (std::size_t i = 0; i < count; ++i) {
    clients.push_back(TcpConnection::connect(listener.local(), {}, in_good_time()));
  }
  std::vector<TcpConnection> servers;
  for (std::size_t i = 0; i < count; ++i) {
    auto accepted = listener.accept(in_good_time());
    REQUIRE(accepted);
    CHECK(accepted->remote() == clients[i].local());
    servers.push_back(std::move(*accepted));
  }
  CHECK_FALSE(listener.accept(at_once()));
  const std::vector<Octets> word{noise(8, 1)};
  clients.back().send(views(word), in_good_time());
  CHECK(receive_octets(servers.back(), 8) == word[0]);
}

TEST_CASE("a listener accepts thousands, one after the other", "[tcp]") {
  const TcpOptions options{.no_delay = true, .dscp = 8};
  TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v4), options);
  for (int i = 0; i < 3000; ++i) {
    // Every third has reset its connection before it is accepted.
    TcpConnection client = TcpConnection::connect(listener.local(), {}, in_good_time());
    if (i % 3 == 0) client.abort();
    const auto server = listener.accept(i % 3 == 0 ? at_once() : in_good_time());
    REQUIRE((server.has_value() || i % 3 == 0));
    // Leaves no TIME-WAIT behind.
    client.abort();
  }
}
