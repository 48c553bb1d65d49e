// What sockets are asked for beyond buffers, and that it reaches the packets. Refusals first name
// what was asked.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "netduel/transport/tcp.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "os/datagram_io.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"
#include "transport/udp_socket_over.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

int option(NativeHandle handle, int level, int name) {
  int value = -1;
  socklen_t length = sizeof value;
  REQUIRE(getsockopt(handle, level, name, &value, &length) == 0);
  return value;
}

const std::vector<Octets> one_message{noise(20, 1)};

}  // namespace

TEST_CASE("a broadcast address is refused until it is asked for", "[socket_options]") {
  const auto open = GENERATE(&open_datagram_io, &open_datagram_io_portable);
  UdpSocket receiver = open_over(open(Endpoint::any(IpVersion::v4), {}));
  const Endpoint everyone = *Endpoint::parse("127.255.255.255", receiver.local().port());

  UdpSocket sender = open_over(open(Endpoint::any(IpVersion::v4), {}));
  CHECK(sender.send_to(views(one_message), everyone, in_good_time()).refused ==
        std::errc::permission_denied);
  UdpSocket broadcaster = open_over(open(Endpoint::any(IpVersion::v4), {.broadcast = true}));
  CHECK(broadcaster.send_to(views(one_message), everyone, in_good_time()).accepted == 1);
  const ReceiveResult result = receiver.receive(in_good_time());
  REQUIRE(result.messages.size() == 1);
  CHECK(copy(result.messages[0].payload) == one_message[0]);
}

TEST_CASE("a destination of the other version of IP is refused as that", "[socket_options]") {
  if (ip_versions().size() == 1) return;
  const auto open = GENERATE(&open_datagram_io, &open_datagram_io_portable);
  const IpVersion version = GENERATE(from_range(ip_versions()));
  UdpSocket socket = open_over(open(Endpoint::any(version), {}));
  const Endpoint other =
      Endpoint::loopback(version == IpVersion::v4 ? IpVersion::v6 : IpVersion::v4, 9);
  const SendResult result = socket.send_to(views(one_message), other, in_good_time());
  CHECK(result.refused == std::errc::address_family_not_supported);
  CHECK(result.refused_messages == 1);
  CHECK(socket.send_to({}, other, at_once()).refused_messages == 0);
}

TEST_CASE("an IPv4 address in the form of IPv6 is no address of IPv6", "[socket_options]") {
  if (ip_versions().size() == 1) return;
  const TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  const Endpoint mapped = *Endpoint::parse("::ffff:127.0.0.1", listener.local().port());
  CHECK(failure_of([&] { TcpConnection::connect(mapped, {}, in_good_time()); }).second);
}

TEST_CASE("what an IP header can't hold is refused by name", "[socket_options]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  const Endpoint local = Endpoint::loopback(version);
  const auto udp = [&](const UdpOptions& options) {
    return failure_of([&] { UdpSocket::open(local, options); }).first;
  };
  CHECK_THAT(udp({.hop_limit = 0}), containing("hop limit of 0 (1 to 255)"));
  CHECK_THAT(udp({.dscp = 64}), containing("DSCP 64 (0 to 63)"));
  CHECK_THAT(udp({.ecn = static_cast<Ecn>(7)}), containing("ECN 7 (0 to 3)"));
  const auto tcp = [&](const TcpOptions& options) {
    return failure_of([&] { TcpListener::open(local, options); }).first;
  };
  CHECK_THAT(tcp({.dscp = 64}), containing("DSCP 64 (0 to 63)"));
  CHECK_THAT(tcp({.mss_octets = 40000}), containing("at most 40000 octets"));
  CHECK_THAT(tcp({.mss_octets = 0}), containing("at most 0 octets (88 to 32767)"));
  CHECK_THAT(tcp({.keepalive = Keepalive{.idle = 0s}}), containing("idle for 0 s"));
  CHECK_THAT(tcp({.keepalive = Keepalive{.interval = 40000s}}), containing("every 40000 s"));
  CHECK_THAT(tcp({.keepalive = Keepalive{.probes = 128}}), containing("128 probes (1 to 127)"));
  CHECK_THAT(tcp({.linger = -1s}), containing("linger for -1 s"));
}

TEST_CASE("both ends of a connection have what was asked for", "[socket_options]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  const bool v4 = version == IpVersion::v4;
  const TcpOptions options{
      .mss_octets = 1000,
      .keepalive = Keepalive{.idle = 11s, .interval = 3s, .probes = 4},
      .linger = 2s,
      .hop_limit = 33,
      .dscp = 10,
  };
  const auto [client, server] = tcp_pair(options, options, version);
  for (const TcpConnection* const end : {&client, &server}) {
    const NativeHandle handle = end->native_handle();
    CHECK(option(handle, SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(handle, IPPROTO_TCP, TCP_KEEPIDLE) == 11);
    CHECK(option(handle, IPPROTO_TCP, TCP_KEEPINTVL) == 3);
    CHECK(option(handle, IPPROTO_TCP, TCP_KEEPCNT) == 4);
    const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
    CHECK(option(handle, level, v4 ? IP_TTL : IPV6_UNICAST_HOPS) == 33);
    CHECK(option(handle, level, v4 ? IP_TOS : IPV6_TCLASS) == 10 << 2);
    linger lingering{};
    socklen_t length = sizeof lingering;
    REQUIRE(getsockopt(handle, SOL_SOCKET, SO_LINGER, &lingering, &length) == 0);
    CHECK(lingering.l_onoff == 1);
    CHECK(lingering.l_linger == 2);
    // Timestamps take 12 of them.
    if (const auto mss = end->info().send_mss_octets) CHECK(*mss == 988);
  }
}

TEST_CASE("lingering for no time resets the connection", "[socket_options]") {
  auto [client, server] = tcp_pair({.linger = 0s});
  { const TcpConnection closed = std::move(client); }
  const ReceiveResult result = server.receive(in_good_time());
  CHECK(result.end == End::failed);
  CHECK(result.error == std::errc::connection_reset);
}
