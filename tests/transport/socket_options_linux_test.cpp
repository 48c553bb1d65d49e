// What only Linux tells of a packet or lets a socket ask for.
#include <algorithm>
#include <array>
#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "netduel/transport/tcp.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "os/network_namespace.hpp"
#include "os/socket.hpp"
#include "os/veth.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

const std::vector<Octets> one_message{noise(20, 1)};

/// One that was sent as `options` ask, received by a socket that wants to know.
struct Arrived {
  Octets payload;
  Endpoint receiver;
  PacketInfo packet;
};

Arrived pass(IpVersion version, const UdpOptions& options, bool offload = true) {
  UdpSocket receiver =
      UdpSocket::open(Endpoint::loopback(version), {.offload = offload, .packet_info = true});
  UdpSocket sender = UdpSocket::open(Endpoint::loopback(version), options);
  REQUIRE(sender.send_to(views(one_message), receiver.local(), in_good_time()).accepted == 1);
  const ReceiveResult result = receiver.receive(in_good_time());
  REQUIRE(result.messages.size() == 1);
  const Received& message = result.messages[0];
  REQUIRE(message.packet != nullptr);
  return {copy(message.payload), receiver.local(), *message.packet};
}

}  // namespace

TEST_CASE("an arrival tells what its header said", "[socket_options]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  const bool offload = GENERATE(true, false);
  const Arrived marked = pass(version, {.hop_limit = 7, .dscp = 46, .ecn = Ecn::ect_0}, offload);
  CHECK(marked.payload == one_message[0]);
  CHECK(marked.packet.destination == marked.receiver);
  CHECK(marked.packet.interface_index == 1U);  // lo is the first of every network
  CHECK(marked.packet.hop_limit == 7);
  CHECK(marked.packet.dscp == 46);
  CHECK(marked.packet.ecn == Ecn::ect_0);

  const Arrived plain = pass(version, {}, offload);
  CHECK(plain.packet.hop_limit == 64);
  CHECK(plain.packet.dscp == 0);
  CHECK(plain.packet.ecn == Ecn::not_ect);
}

TEST_CASE("each message of a super-packet tells what its header said", "[socket_options]") {
  UdpSocket receiver =
      UdpSocket::open(Endpoint::loopback(IpVersion::v4),
                      {.receive_buffer_octets = std::size_t{1} << 20, .packet_info = true});
  UdpSocket sender = UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.dscp = 8});
  UdpSocket other = UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.dscp = 9});
  const std::vector<Octets> many(40, noise(64, 3));
  sender.send_to(views(many), receiver.local(), in_good_time());
  other.send_to(views(many), receiver.local(), in_good_time());
  std::size_t count = 0;
  while (count < 80) {
    const ReceiveResult result = receiver.receive(in_good_time());
    REQUIRE(result.end == End::open);
    for (const Received& message : result.messages) {
      REQUIRE(message.packet != nullptr);
      CHECK(message.packet->dscp == (count++ < 40 ? 8 : 9));
    }
  }
}

TEST_CASE("unasked, an arrival tells nothing of its header", "[socket_options]") {
  UdpSocket socket = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  socket.send_to(views(one_message), socket.local(), in_good_time());
  const ReceiveResult result = socket.receive(in_good_time());
  REQUIRE(result.messages.size() == 1);
  CHECK(result.messages[0].packet == nullptr);
}

TEST_CASE("an arrival from a group tells which, and its hop limit", "[socket_options]") {
  UdpSocket receiver = UdpSocket::open(Endpoint::any(IpVersion::v4), {.packet_info = true});
  const Endpoint group = *Endpoint::parse("239.255.77.5", receiver.local().port());
  receiver.join({.group = group, .interface = "lo"});
  UdpSocket sender = UdpSocket::open(Endpoint::loopback(IpVersion::v4),
                                     {.multicast_hop_limit = 3, .multicast_interface = "lo"});
  REQUIRE(sender.send_to(views(one_message), group, in_good_time()).accepted == 1);
  const ReceiveResult result = receiver.receive(in_good_time());
  REQUIRE(result.messages.size() == 1);
  CHECK(result.messages[0].packet->destination == group);
  CHECK(result.messages[0].packet->hop_limit == 3);
}

TEST_CASE("a destination within a link comes with its zone", "[socket_options][.netns]") {
  if (ip_versions().size() == 1) return;
  const os::NetworkNamespace here = os::NetworkNamespace::create();
  const Endpoint address = *Endpoint::parse("fe80::77");
  os::in_network(here, [&] {
    os::make_veth("near", "far", here, {0x02, 0, 0, 0, 0, 2}, 1500);
    os::configure("far", {});
    os::configure("near", {{address, 64}});
    const std::uint32_t zone = *os::interface_index("near");
    UdpSocket socket =
        UdpSocket::open(Endpoint::v6(address.address_octets(), 0, zone), {.packet_info = true});
    REQUIRE(socket.send_to(views(one_message), socket.local(), in_good_time()).accepted == 1);
    const ReceiveResult result = socket.receive(in_good_time());
    REQUIRE(result.messages.size() == 1);
    CHECK(result.messages[0].packet->destination == socket.local());
  });
}

TEST_CASE("a group that only another socket has joined doesn't reach this one", "[multicast]") {
  const auto group = [](std::uint8_t last) { return Endpoint::v4({239, 255, 78, last}, 0); };
  const UdpOptions shared{.reuse_address = true};
  UdpSocket none = UdpSocket::open(Endpoint::any(IpVersion::v4), shared);
  const std::uint16_t port = none.local().port();
  UdpSocket other = UdpSocket::open(none.local(), shared);
  UdpSocket member = UdpSocket::open(none.local(), shared);
  // Even a socket bound to the group's own address would else get it unjoined.
  UdpSocket bound = UdpSocket::open(group(1).with_port(port), shared);
  other.join({.group = group(2), .interface = "lo"});
  member.join({.group = group(1), .interface = "lo"});
  UdpSocket sender =
      UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.multicast_interface = "lo"});
  REQUIRE(sender.send_to(views(one_message), group(1).with_port(port), in_good_time()).accepted ==
          1);
  CHECK(member.receive(in_good_time()).messages.size() == 1);
  // Delivery to all sockets of a host is one step on loopback, so nothing more can come.
  for (UdpSocket* const unjoined : {&none, &other, &bound}) {
    CHECK(unjoined->receive(at_once()).end == End::timed_out);
  }
}

TEST_CASE("multicast can be kept from its sender's own host", "[multicast]") {
  UdpSocket receiver = UdpSocket::open(Endpoint::any(IpVersion::v4));
  const Endpoint group = *Endpoint::parse("239.255.77.6", receiver.local().port());
  receiver.join({.group = group, .interface = "lo"});
  UdpSocket silent = UdpSocket::open(Endpoint::loopback(IpVersion::v4),
                                     {.multicast_interface = "lo", .multicast_loopback = false});
  UdpSocket heard =
      UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.multicast_interface = "lo"});
  const std::vector<Octets> second{noise(21, 2)};
  silent.send_to(views(one_message), group, in_good_time());
  heard.send_to(views(second), group, in_good_time());
  const ReceiveResult result = receiver.receive(in_good_time());
  REQUIRE(!result.messages.empty());
  CHECK(copy(result.messages.back().payload) == second[0]);
}

TEST_CASE("the path to this host itself carries what loopback does", "[socket_options]") {
  // An IPv4 packet's length has 16 bits; an IPv6 packet's is that of its payload.
  CHECK(UdpSocket::path_mtu_octets(Endpoint::loopback(IpVersion::v4)) == 65535U);
  CHECK(UdpSocket::path_mtu_octets(*Endpoint::parse("127.255.255.255")) == 65535U);
  if (ip_versions().size() > 1) {
    CHECK(UdpSocket::path_mtu_octets(Endpoint::loopback(IpVersion::v6)) == 65536U);
  }
}

TEST_CASE("what is too long for the path is refused where fragmentation is forbidden",
          "[socket_options][.netns]") {
  const bool offload = GENERATE(true, false);
  const os::NetworkNamespace here = os::NetworkNamespace::create();
  const os::NetworkNamespace there = os::NetworkNamespace::create();
  const Endpoint to = *Endpoint::parse("10.78.0.2", 9);
  const auto open = [&](const UdpOptions& options) {
    return os::in_network(here,
                          [&] { return UdpSocket::open(Endpoint::any(IpVersion::v4), options); });
  };
  os::in_network(here, [&] {
    os::make_veth("near", "far", there, {0x02, 0, 0, 0, 0, 2}, 1400);
    os::configure("near", {{*Endpoint::parse("10.78.0.1"), 24}});
    os::add_neighbour("near", to, {0x02, 0, 0, 0, 0, 2});
  });
  const auto path_mtu = [&](const Endpoint& towards) {
    return os::in_network(here, [&] { return UdpSocket::path_mtu_octets(towards); });
  };
  CHECK(path_mtu(to) == 1400U);
  CHECK_FALSE(path_mtu(*Endpoint::parse("192.0.2.1")));

  UdpSocket whole = open({.offload = offload, .dont_fragment = true});
  UdpSocket cut = open({.offload = offload, .dont_fragment = false});
  const std::vector<Octets> fits(3, noise(1372, 1));
  const std::vector<Octets> too_long(3, noise(1373, 1));
  const auto send = [&](UdpSocket& socket, const std::vector<Octets>& batch) {
    return os::in_network(here, [&] { return socket.send_to(views(batch), to, in_good_time()); });
  };
  CHECK(send(whole, fits).accepted == 3);
  CHECK(send(whole, too_long).accepted == 0);
  CHECK(send(whole, too_long).refused == std::errc::message_size);
  CHECK(send(whole, fits).accepted == 3);
  CHECK(send(cut, too_long).accepted == 3);
}

TEST_CASE("UDP may leave without its checksum, one datagram at a time, but not over IPv6",
          "[socket_options]") {
  UdpSocket receiver = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  UdpSocket sender = UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.checksum = false});
  int none = 0;
  socklen_t length = sizeof none;
  REQUIRE(getsockopt(sender.native_handle(), SOL_SOCKET, SO_NO_CHECK, &none, &length) == 0);
  CHECK(none == 1);
  // The kernel would refuse these as a super-packet.
  const std::vector<Octets> many(40, noise(64, 3));
  const SendResult result = sender.send_to(views(many), receiver.local(), in_good_time());
  CHECK(result.accepted == 40);
  CHECK_FALSE(result.refused);
  CHECK_FALSE(sender.counters().segmentation_offload);
  CHECK(sender.counters().largest_super_packet_messages == 1);
  const auto over_ipv6 = [] {
    (void)UdpSocket::open(Endpoint::loopback(IpVersion::v6), {.checksum = false});
  };
  if (ip_versions().size() > 1) CHECK_THAT(failure_of(over_ipv6).first, containing("RFC 8200"));
}

TEST_CASE("a connection that nobody acknowledges fails after its user timeout",
          "[socket_options]") {
  const auto [client, server] = tcp_pair({.user_timeout = 1234ms});
  int milliseconds = 0;
  socklen_t length = sizeof milliseconds;
  REQUIRE(getsockopt(client.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
                     &length) == 0);
  CHECK(milliseconds == 1234);
  CHECK_THAT(failure_of([] { tcp_pair({.user_timeout = 0ms}); }).first, containing("for 0 ms"));
  CHECK(client.info().path_mtu_octets == 65535U);
}

TEST_CASE("a socket kept to an interface has nothing to do with others", "[socket_options]") {
  const auto interface_of = [](NativeHandle handle) {
    std::array<char, 16> name{};
    socklen_t length = name.size();
    REQUIRE(getsockopt(handle, SOL_SOCKET, SO_BINDTODEVICE, name.data(), &length) == 0);
    return std::string(name.data());
  };
  const std::string by = GENERATE("lo", "1");
  const UdpSocket socket = UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.interface = by});
  CHECK(interface_of(socket.native_handle()) == "lo");
  const auto [client, server] = tcp_pair({.interface = by}, {.interface = by});
  CHECK(interface_of(client.native_handle()) == "lo");
  CHECK(interface_of(server.native_handle()) == "lo");
}

TEST_CASE("the kernel is told what to pace at, beyond 32 bits too", "[socket_options]") {
  const auto octets_per_second = [](NativeHandle handle) {
    std::uint64_t rate = 0;
    socklen_t length = sizeof rate;
    REQUIRE(getsockopt(handle, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &length) == 0);
    return rate;
  };
  const std::uint64_t bits = GENERATE(8U, 1'000'000U, 100'000'000'000U);
  const UdpSocket socket =
      UdpSocket::open(Endpoint::loopback(IpVersion::v4), {.max_pacing_bits_per_second = bits});
  CHECK(octets_per_second(socket.native_handle()) == bits / 8);
  const TcpOptions options{.max_pacing_bits_per_second = bits};
  const auto [client, server] = tcp_pair(options, options);
  CHECK(octets_per_second(client.native_handle()) == bits / 8);
  CHECK(octets_per_second(server.native_handle()) == bits / 8);
}

TEST_CASE("a paced connection keeps to its rate", "[socket_options]") {
  // The kernel lets the first ten segments pass unpaced, and over loopback those are long.
  TcpPair pair = tcp_pair({.mss_octets = 1000, .max_pacing_bits_per_second = 16'000'000});
  const std::vector<Octets> sent{noise(400'000, 1)};
  const auto begin = std::chrono::steady_clock::now();
  // In turns, as the buffers need not hold all of it.
  pair.client.send(views(sent), in(1ms));
  Octets received;
  const Deadline end = in_good_time();
  while (received.size() < sent[0].size() && std::chrono::steady_clock::now() < end) {
    for (const Received& message : pair.server.receive(in(1ms)).messages) {
      received.insert(received.end(), message.payload.begin(), message.payload.end());
    }
    pair.client.send({}, in(1ms));
  }
  CHECK(received == sent[0]);
  // 200 ms by its rate.
  CHECK(std::chrono::steady_clock::now() - begin > 100ms);
}

TEST_CASE("what can't be paced or kept to an interface is refused by name", "[socket_options]") {
  const Endpoint local = Endpoint::loopback(IpVersion::v4);
  const auto [slow, why_slow] =
      failure_of([&] { UdpSocket::open(local, {.max_pacing_bits_per_second = 7}); });
  CHECK_THAT(slow, containing("pace at 7 bit/s (at least 8)"));
  CHECK(why_slow == std::errc::invalid_argument);
  const auto [nowhere, why_nowhere] =
      failure_of([&] { TcpListener::open(local, {.interface = "no-such-one"}); });
  CHECK_THAT(nowhere, containing("interface no-such-one (interfaces here: "));
  CHECK_THAT(nowhere, containing("lo"));
  CHECK(why_nowhere == std::errc::no_such_device);
}
