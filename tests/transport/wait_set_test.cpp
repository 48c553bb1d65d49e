#include "netduel/transport/wait_set.hpp"

#include <algorithm>
#include <set>

#include "netduel/transport/udp_socket.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

UdpSocket open_udp() {
  return UdpSocket::open(Endpoint::loopback(IpVersion::v4));
}

void send_one(UdpSocket& from, const UdpSocket& to) {
  const std::vector<Octets> message{noise(10, 1)};
  REQUIRE(from.send_to(views(message), to.local(), in_good_time()).accepted == 1);
}

}  // namespace

TEST_CASE("a wait tells which handle is readable by its key", "[wait_set]") {
  UdpSocket sender = open_udp(), quiet = open_udp(), busy = open_udp();
  WaitSet set;
  set.set(quiet.native_handle(), Interest::readable, 1);
  set.set(busy.native_handle(), Interest::readable, 2);
  send_one(sender, busy);
  const auto ready = set.wait(in_good_time());
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].key == 2);
  CHECK(ready[0].readable);
  CHECK_FALSE(ready[0].writable);
}

TEST_CASE("a handle stays ready until what made it so is fetched", "[wait_set]") {
  UdpSocket sender = open_udp(), receiver = open_udp();
  WaitSet set;
  set.set(receiver.native_handle(), Interest::readable, 1);
  send_one(sender, receiver);
  CHECK(set.wait(in_good_time()).size() == 1);
  CHECK(set.wait(in_good_time()).size() == 1);
  receiver.receive(at_once());
  CHECK(set.wait(at_once()).empty());
}

TEST_CASE("a wait tells of room to send", "[wait_set]") {
  UdpSocket socket = open_udp();
  WaitSet set;
  set.set(socket.native_handle(), Interest::both, 3);
  const auto ready = set.wait(in_good_time());
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].writable);
  CHECK_FALSE(ready[0].readable);
}

TEST_CASE("interest and key can be changed", "[wait_set]") {
  UdpSocket socket = open_udp();
  WaitSet set;
  set.set(socket.native_handle(), Interest::readable, 1);
  CHECK(set.wait(at_once()).empty());
  set.set(socket.native_handle(), Interest::writable, 7);
  const auto ready = set.wait(in_good_time());
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].key == 7);
}

TEST_CASE("a removed handle is not told of", "[wait_set]") {
  UdpSocket sender = open_udp(), receiver = open_udp();
  WaitSet set;
  set.set(receiver.native_handle(), Interest::readable, 1);
  send_one(sender, receiver);
  REQUIRE(set.wait(in_good_time()).size() == 1);
  set.remove(receiver.native_handle());
  set.remove(receiver.native_handle());
  CHECK(set.wait(at_once()).empty());
}

TEST_CASE("a wait ends at its deadline, not before, and not a millisecond late", "[wait_set]") {
  UdpSocket socket = open_udp();
  WaitSet set;
  set.set(socket.native_handle(), Interest::readable, 1);
  auto least_late = std::chrono::steady_clock::duration::max();
  for (int i = 0; i < 100; ++i) {
    const Deadline deadline = in(200us);
    CHECK(set.wait(deadline).empty());
    const auto late = std::chrono::steady_clock::now() - deadline;
    CHECK(late >= 0ns);
    least_late = std::min(least_late, late);
  }
  // A busy machine makes some waits late, but a wait in whole milliseconds is never better.
  CHECK(least_late < 700us);
}

TEST_CASE("every ready handle gets its turn, however many there are", "[wait_set]") {
  constexpr std::size_t count = 700;
  UdpSocket sender = open_udp();
  std::vector<UdpSocket> sockets;
  WaitSet set;
  for (std::size_t i = 0; i < count; ++i) {
    sockets.push_back(open_udp());
    set.set(sockets.back().native_handle(), Interest::readable, i);
    send_one(sender, sockets.back());
  }
  // Nobody reads, so all of them stay ready; the first ones must not hide the others.
  std::set<std::uint64_t> seen;
  for (int waits = 0; waits < 10; ++waits) {
    for (const Ready& ready : set.wait(in_good_time())) seen.insert(ready.key);
  }
  CHECK(seen.size() == count);
}

TEST_CASE("a half-close and a reset wake those who wait to read", "[wait_set]") {
  TcpPair pair = tcp_pair();
  WaitSet set;
  set.set(pair.server.native_handle(), Interest::readable, 1);
  CHECK(set.wait(at_once()).empty());
  SECTION("half-close") {
    pair.client.finish(in_good_time());
  }
  SECTION("reset") {
    pair.client.abort();
  }
  const auto ready = set.wait(in_good_time());
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].readable);
}

TEST_CASE("a reset wakes those who wait to write", "[wait_set]") {
  TcpPair pair = tcp_pair({.send_buffer_octets = 4096}, {.receive_buffer_octets = 4096});
  const std::vector<Octets> much{Octets(1 << 20)};
  WaitSet set;
  set.set(pair.client.native_handle(), Interest::writable, 1);
  // Acknowledgements make room for a while yet.
  while (!set.wait(in(20ms)).empty()) pair.client.send(views(much), at_once());
  pair.server.abort();
  const auto ready = set.wait(in_good_time());
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].writable);
}

TEST_CASE("what can't be waited for is named", "[wait_set]") {
  WaitSet set;
  CHECK(contains(failure_of([&] { set.set(-1, Interest::readable, 1); }).first, "handle -1"));
}

TEST_CASE("a set can be moved", "[wait_set]") {
  UdpSocket socket = open_udp();
  WaitSet first;
  first.set(socket.native_handle(), Interest::writable, 5);
  WaitSet second = std::move(first);
  CHECK(second.wait(in_good_time()).size() == 1);
}
