// Groups, in networks of their own: what a socket joined it gets, and nothing else.
#include "netduel/transport/udp_socket.hpp"
#include "os/datagram_io.hpp"
#include "os/network_namespace.hpp"
#include "os/socket.hpp"
#include "os/veth.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"
#include "transport/udp_socket_over.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

using Open = UdpSocket (*)(const Endpoint&, const UdpOptions&);

UdpSocket open_portable(const Endpoint& local, const UdpOptions& options) {
  return open_over(open_datagram_io_portable(local, options));
}

constexpr auto interface = "near";

/// A network with one interface, whose other end nobody holds.
struct Network {
  Network() {
    os::in_network(here, [&] {
      os::make_veth(interface, "far", there, {0x02, 0, 0, 0, 0, 2}, 1500);
    });
    os::in_network(there, [] { os::configure("far", {}); });
    os::in_network(here, [&] {
      for (const IpVersion version : ip_versions()) {
        const unsigned prefix_bits = version == IpVersion::v4 ? 24 : 64;
        os::configure(interface,
                      {{address(version, 1), prefix_bits}, {address(version, 2), prefix_bits}});
      }
      os::await_carrier(interface);
    });
  }
  static Endpoint address(IpVersion version, std::uint8_t host) {
    if (version == IpVersion::v4) return Endpoint::v4({10, 78, 0, host}, 0);
    return Endpoint::v6({0xfd, 0x78, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, host}, 0);
  }

  os::NetworkNamespace here = os::NetworkNamespace::create();
  os::NetworkNamespace there = os::NetworkNamespace::create();
};

/// Each engine over each version of IP.
struct Multicast {
  Open engine = GENERATE(&UdpSocket::open, &open_portable);
  IpVersion version = GENERATE(from_range(ip_versions()));
  Network network;
  Endpoint any = Endpoint::any(version);
  Endpoint group = group_of(1);
  UdpSocket sender = open(Network::address(version, 1), {.multicast_interface = interface});

  UdpSocket open(const Endpoint& local, const UdpOptions& options = {}) const {
    return os::in_network(network.here, [&] { return engine(local, options); });
  }
  /// Interfaces have their names in a network, so it is joined from there.
  void join(UdpSocket& socket, const MulticastMembership& membership) const {
    os::in_network(network.here, [&] { socket.join(membership); });
  }
  void leave(UdpSocket& socket, const MulticastMembership& membership) const {
    os::in_network(network.here, [&] { socket.leave(membership); });
  }

  Endpoint group_of(std::uint8_t number) const {
    if (version == IpVersion::v4) return Endpoint::v4({239, 255, 77, number}, 0);
    return Endpoint::v6({0xff, 0x15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x77, number}, 0);
  }
  /// Sends one message to a group at the port of `receiver`.
  void send(const Octets& message, const Endpoint& to, const UdpSocket& receiver) {
    const std::vector<Bytes> batch{message};
    const SendResult result =
        sender.send_to(batch, to.with_port(receiver.local().port()), in_good_time());
    INFO(result.refused.message());
    REQUIRE(result.accepted == 1);
  }
  /// And to the receiver alone, so that it is known when all before it has come.
  void send_last(const UdpSocket& receiver) {
    const std::vector<Bytes> batch{last};
    const Endpoint to = Network::address(version, 1).with_port(receiver.local().port());
    REQUIRE(sender.send_to(batch, to, in_good_time()).accepted == 1);
  }
  /// What came before the last message.
  std::vector<Octets> before_last(UdpSocket& receiver) {
    INFO("IPv" << static_cast<int>(version) << (engine == &open_portable ? ", portable" : ""));
    send_last(receiver);
    std::vector<Octets> all;
    for (;;) {
      const ReceiveResult result = receiver.receive(in_good_time());
      REQUIRE(result.end == End::open);
      for (const Received& message : result.messages) {
        if (copy(message.payload) == last) return all;
        all.push_back(copy(message.payload));
      }
    }
  }

  const Octets last = noise(9, 99);
  const Octets one = noise(20, 1);
  const Octets two = noise(20, 2);
};

}  // namespace

TEST_CASE("a socket gets what is sent to a group from its joining until its leaving",
          "[multicast][.netns]") {
  Multicast on;
  UdpSocket receiver = on.open(on.any);
  on.send(on.one, on.group, receiver);
  CHECK(on.before_last(receiver).empty());
  on.join(receiver, {.group = on.group, .interface = interface});
  on.send(on.one, on.group, receiver);
  CHECK(on.before_last(receiver) == std::vector<Octets>{on.one});
  on.leave(receiver, {.group = on.group, .interface = interface});
  on.send(on.two, on.group, receiver);
  CHECK(on.before_last(receiver).empty());
}

TEST_CASE("two sockets on one port both get what is sent to their group", "[multicast][.netns]") {
  Multicast on;
  UdpSocket first = on.open(on.any, {.reuse_address = true});
  UdpSocket second = on.open(first.local(), {.reuse_address = true});
  for (UdpSocket* const each : {&first, &second}) {
    on.join(*each, {.group = on.group, .interface = interface});
  }
  on.send(on.one, on.group, first);
  for (UdpSocket* const each : {&first, &second}) {
    const ReceiveResult result = each->receive(in_good_time());
    REQUIRE(result.messages.size() == 1);
    CHECK(copy(result.messages[0].payload) == on.one);
  }
}

TEST_CASE("a source-specific join lets one source through", "[multicast][.netns]") {
  Multicast on;
  UdpSocket receiver = on.open(on.any);
  const Endpoint here = Network::address(on.version, 1);
  const Endpoint elsewhere = Network::address(on.version, 2);
  on.join(receiver, {.group = on.group, .interface = interface, .source = elsewhere});
  on.send(on.one, on.group, receiver);
  CHECK(on.before_last(receiver).empty());
  UdpSocket other = on.open(elsewhere, {.multicast_interface = interface});
  on.join(receiver, {.group = on.group, .interface = interface, .source = here});
  on.send(on.two, on.group, receiver);
  CHECK(on.before_last(receiver) == std::vector<Octets>{on.two});
  on.leave(receiver, {.group = on.group, .interface = interface, .source = here});
  on.send(on.two, on.group, receiver);
  CHECK(on.before_last(receiver).empty());
}

TEST_CASE("a group is joined from any source or from single ones, and not both",
          "[multicast][.netns]") {
  Multicast on;
  UdpSocket receiver = on.open(on.any);
  const MulticastMembership any{.group = on.group, .interface = interface};
  MulticastMembership one = any;
  one.source = Network::address(on.version, 1);
  MulticastMembership other = any;
  other.source = Network::address(on.version, 2);
  const auto failure = [&](const MulticastMembership& membership) {
    return failure_of([&] { on.join(receiver, membership); });
  };
  on.join(receiver, any);
  CHECK_THAT(failure(one).first, containing("joined from any source already; leave that first"));
  CHECK(failure(any).second == std::errc::address_in_use);
  on.send(on.one, on.group, receiver);
  CHECK(on.before_last(receiver) == std::vector<Octets>{on.one});

  on.leave(receiver, any);
  on.join(receiver, one);
  on.join(receiver, other);
  CHECK_THAT(failure(any).first, containing("joined from one source already"));
  on.leave(receiver, one);
  CHECK_THAT(failure(any).first, containing("joined from one source already"));
  on.leave(receiver, other);
  on.join(receiver, any);
  on.send(on.two, on.group, receiver);
  CHECK(on.before_last(receiver) == std::vector<Octets>{on.two});
}

TEST_CASE("a membership that can't be is named", "[multicast][.netns]") {
  Multicast on;
  UdpSocket receiver = on.open(on.any);
  const auto failure = [&](const MulticastMembership& membership) {
    return failure_of([&] { on.join(receiver, membership); }).first;
  };
  CHECK_THAT(failure({.group = Network::address(on.version, 1)}),
             containing("join group " + Network::address(on.version, 1).address_to_string()) &&
                 containing("no multicast address"));
  CHECK_THAT(failure({.group = on.group, .interface = "no-such"}),
             containing("on no-such") && containing("interfaces here: ") && containing(interface));
  const bool v4 = on.version == IpVersion::v4;
  const Endpoint other = Endpoint::loopback(v4 ? IpVersion::v6 : IpVersion::v4);
  CHECK_THAT(failure({.group = on.group, .interface = interface, .source = other}),
             containing("one version of IP"));
  const Endpoint other_group = v4 ? *Endpoint::parse("ff11::1") : *Endpoint::parse("239.1.2.3");
  CHECK_THAT(failure({.group = other_group, .interface = interface}),
             containing("other version of IP"));
  CHECK_THAT(failure({.group = on.group, .interface = interface, .source = on.any}),
             containing("a source is one host's address"));
  if (!v4) {
    const Endpoint zoned = *Endpoint::parse("ff12::5%1");
    CHECK_THAT(failure({.group = zoned, .interface = interface}),
               containing("the group's zone is another interface"));
  }
  const auto [text, code] =
      failure_of([&] { on.leave(receiver, {.group = on.group, .interface = interface}); });
  CHECK_THAT(text, containing("leave group"));
  CHECK(code == std::errc::address_not_available);
  CHECK_THAT(failure_of([&] { on.open(on.any, {.multicast_interface = "no-such"}); }).first,
             containing("send multicast through no-such"));
}

TEST_CASE("an interface may go by its index", "[multicast][.netns]") {
  Multicast on;
  UdpSocket receiver = on.open(on.any);
  const std::string index = os::in_network(
      on.network.here, [] { return std::to_string(*os::interface_index(interface)); });
  on.join(receiver, {.group = on.group, .interface = index});
  on.send(on.one, on.group, receiver);
  CHECK(on.before_last(receiver) == std::vector<Octets>{on.one});
}
