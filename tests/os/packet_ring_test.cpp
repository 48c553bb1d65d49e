#include "os/packet_ring.hpp"

#include <chrono>
#include <optional>
#include <thread>
#include <vector>

#include "netduel/transport/udp_socket.hpp"
#include "os/veth.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

namespace {

constexpr os::Mac host_mac = {2, 0, 0, 0, 0, 1};
constexpr os::Mac other_mac = {2, 0, 0, 0, 0, 2};
constexpr std::size_t headers_octets = 14 + 20 + 8;

Endpoint host_address() {
  return Endpoint::v4({10, 9, 0, 1}, 0);
}

Endpoint nobody() {
  return Endpoint::v4({10, 9, 0, 2}, 9);
}

/// A host whose datagrams to a neighbour that doesn't exist come to a ring.
struct Host {
  os::NetworkNamespace wire = os::NetworkNamespace::create();
  os::NetworkNamespace network = os::NetworkNamespace::create();
  os::PacketRing ring = os::in_network(wire, [this] {
    os::make_veth("near", "eth0", network, host_mac, 1500);
    os::configure("near", {});
    return os::PacketRing::open("near");
  });
  UdpSocket socket = os::in_network(network, [] {
    os::configure("eth0", {{host_address(), 24}});
    os::add_neighbour("eth0", nobody(), other_mac);
    os::await_carrier("eth0");
    return UdpSocket::open(host_address());
  });

  /// In one batch, which may go as one super-packet.
  void send(const std::vector<Octets>& messages) {
    const auto batch = views(messages);
    REQUIRE(socket.send_to(batch, nobody(), in_good_time()).accepted == messages.size());
  }

  /// IPv4 frames that come within a while: a new interface has things of its own to say.
  std::vector<Octets> frames(std::size_t count) {
    std::vector<Octets> seen;
    os::FrameWaiter waiter;
    waiter.add(ring);
    for (int n = 0; n < 100 && seen.size() < count; ++n) {
      waiter.wait(std::chrono::milliseconds(20));
      while (const auto incoming = ring.next()) {
        if (incoming->frame[12] == std::byte{8} && incoming->frame[13] == std::byte{0}) {
          offloads.push_back(incoming->offload);
          seen.push_back(copy(incoming->frame));
        }
      }
      ring.release();
    }
    return seen;
  }

  std::vector<os::VirtioHeader> offloads;
};

std::vector<Octets> ten_of(std::size_t octets) {
  std::vector<Octets> messages;
  for (std::uint32_t n = 0; n < 10; ++n) messages.push_back(noise(octets, n));
  return messages;
}

}  // namespace

TEST_CASE("a frame comes to a packet ring as it was sent", "[os][.netns]") {
  Host host;
  const Octets message = noise(100, 1);
  host.send({message});
  const auto frames = host.frames(1);
  REQUIRE(frames.size() == 1);
  REQUIRE(frames[0].size() == headers_octets + message.size());
  CHECK(copy(Bytes(frames[0]).subspan(headers_octets)) == message);
  CHECK(host.offloads[0].segments == 0);
}

TEST_CASE("a UDP super-packet comes to a packet ring whole", "[os][.netns]") {
  if (!os::packet_rings_take_udp_super_packets()) return;
  Host host;
  host.send(ten_of(1000));
  const auto frames = host.frames(1);
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].size() == headers_octets + 10 * 1000);
  CHECK(host.offloads[0].segments == os::VirtioHeader::udp);
  CHECK(host.offloads[0].segment_octets == 1000);
}

TEST_CASE("an interface that forgoes UDP's segmentation sends each datagram alone",
          "[os][.netns]") {
  Host host;
  os::in_network(host.network, [] { os::forgo_udp_segmentation("eth0"); });
  const auto messages = ten_of(1000);
  host.send(messages);
  const auto frames = host.frames(10);
  REQUIRE(frames.size() == 10);
  for (std::size_t n = 0; n < 10; ++n) {
    CHECK(copy(Bytes(frames[n]).subspan(headers_octets)) == messages[n]);
    CHECK(host.offloads[n].segments == 0);
  }
}

TEST_CASE("a packet ring tells how many frames found it full", "[os][.netns]") {
  Host host;
  CHECK(host.ring.missed() == 0);
  constexpr std::size_t sent = 3000;
  for (std::size_t n = 0; n < sent; ++n) host.send({noise(20, 1)});
  const auto frames = host.frames(sent);
  CHECK(frames.size() < sent);
  // Before the ring the host's own queue may have been full.
  const auto elsewhere =
      os::in_network(host.network, [] { return os::interface_send_drops("eth0"); });
  CHECK(host.ring.missed() + elsewhere >= sent - frames.size());
  CHECK(host.ring.missed() > 0);
}

TEST_CASE("frames that go out through a packet ring come to the host", "[os][.netns]") {
  Host host;
  const Octets message = noise(64, 3);
  host.send({message});
  auto frames = host.frames(1);
  REQUIRE(frames.size() == 1);
  Octets& frame = frames[0];
  // Back to where it came from: Ethernet and IP addresses change places, and so do ports.
  std::swap_ranges(frame.begin(), frame.begin() + 6, frame.begin() + 6);
  std::swap_ranges(frame.begin() + 26, frame.begin() + 30, frame.begin() + 30);
  std::swap_ranges(frame.begin() + 34, frame.begin() + 36, frame.begin() + 36);
  os::in_network(host.wire, [] { os::await_carrier("near"); });
  const os::PacketRing::Outgoing outgoing{host.offloads[0], frame};
  CHECK(host.ring.send({&outgoing, 1}) == 0);
  const ReceiveResult result = host.socket.receive(in_good_time());
  REQUIRE(result.messages.size() == 1);
  CHECK(copy(result.messages[0].payload) == message);
  CHECK(result.messages[0].source == nobody());
}
