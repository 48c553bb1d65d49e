#include "os/answer.hpp"

#include "netduel/transport/udp_socket.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

TEST_CASE("an answer comes from the address that was asked", "[os]") {
  const std::vector<Octets> one_message{noise(20, 1)};
  UdpSocket host = UdpSocket::open(Endpoint::any(IpVersion::v4), {.packet_info = true});
  // All of 127.0.0.0/8 is this host, and the way back would choose 127.0.0.1.
  const Endpoint asked = Endpoint::v4({127, 0, 0, 5}, host.local().port());
  UdpSocket client = UdpSocket::open(Endpoint::any(IpVersion::v4), {.peer = asked});
  REQUIRE(client.send_to(views(one_message), asked, in_good_time()).accepted == 1);
  const ReceiveResult question = host.receive(in_good_time());
  REQUIRE(question.messages.size() == 1);
  const Received& received = question.messages[0];
  REQUIRE(received.packet != nullptr);
  os::send_from(host.native_handle(), received.payload, *received.packet->destination,
                received.source);
  const ReceiveResult answer = client.receive(in_good_time());
  REQUIRE(answer.messages.size() == 1);
  CHECK(answer.messages[0].source == asked);
  CHECK(copy(answer.messages[0].payload) == one_message[0]);
}

TEST_CASE("an answer from nowhere in particular comes from where the system likes", "[os]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  const std::vector<Octets> one_message{noise(20, 1)};
  UdpSocket host = UdpSocket::open(Endpoint::any(version));
  UdpSocket client = UdpSocket::open(Endpoint::loopback(version));
  os::send_from(host.native_handle(), views(one_message)[0], Endpoint::any(version),
                client.local());
  const ReceiveResult answer = client.receive(in_good_time());
  REQUIRE(answer.messages.size() == 1);
  CHECK(answer.messages[0].source == Endpoint::loopback(version, host.local().port()));
}
