// One contract for every engine that moves datagrams: each test runs on all of them.
#include "os/datagram_io.hpp"

#include <thread>

#include "os/wait.hpp"
#include "support/catch.hpp"
#include "support/engines.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

/// Room for all that a test sends before it reads.
constexpr std::size_t large_buffer = 4 << 20;

/// A sender and a receiver of one engine over one version of IP.
struct Sockets {
  Engine engine = GENERATE(from_range(engines()));
  IpVersion version = GENERATE(from_range(ip_versions()));
  std::unique_ptr<DatagramIo> sender = engine.open(Endpoint::loopback(version));
  std::unique_ptr<DatagramIo> receiver =
      engine.open(Endpoint::loopback(version), {.receive_buffer_octets = large_buffer});
};

/// Copies of the next `count` messages, fewer when nothing comes any more.
std::vector<Octets> receive_copies(DatagramIo& io, std::size_t count) {
  std::vector<Octets> all;
  while (all.size() < count) {
    const ReceiveResult result = io.receive(in(2s));
    if (result.end != End::open) break;
    for (const Received& message : result.messages) all.push_back(copy(message.payload));
  }
  return all;
}

}  // namespace

TEST_CASE("a batch of mixed sizes arrives whole and in order", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  std::vector<Octets> sent;
  std::uint32_t seed = 0;
  for (const std::size_t octets :
       {1, 64, 64, 64, 30, 1472, 1472, 1472, 1472, 9, 0, 64, 64, 100, 1473, 9000, 9000, 1}) {
    sent.push_back(noise(octets, seed++));
  }
  const SendResult result = on.sender->send_to(views(sent), on.receiver->local(), in_good_time());
  CHECK(result.accepted == sent.size());
  CHECK(result.refused_messages == 0);
  CHECK_FALSE(result.refused);
  CHECK(receive_copies(*on.receiver, sent.size()) == sent);
}

TEST_CASE("each length that UDP can carry arrives", "[datagram]") {
  Sockets on;
  const std::size_t octets = GENERATE(0, 1, 64, 1472, 65507);
  INFO(on.engine << ", " << octets << " octets");
  const std::vector<Octets> sent{noise(octets, 1), noise(octets, 2), noise(octets, 3)};
  CHECK(on.sender->send_to(views(sent), on.receiver->local(), in_good_time()).accepted == 3);
  CHECK(receive_copies(*on.receiver, 3) == sent);
}

TEST_CASE("a batch may be larger than what one system call takes", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  constexpr std::size_t count = 3000;
  const Octets slab = noise(count * 64, 7);
  std::vector<Bytes> batch;
  for (std::size_t i = 0; i < count; ++i) batch.push_back(Bytes(slab).subspan(i * 64, 64));
  CHECK(on.sender->send_to(batch, on.receiver->local(), in_good_time()).accepted == count);
  Octets arrived;
  for (const Octets& message : receive_copies(*on.receiver, count)) {
    REQUIRE(message.size() == 64);
    arrived.insert(arrived.end(), message.begin(), message.end());
  }
  CHECK(arrived == slab);
}

TEST_CASE("messages that are scattered in memory arrive too", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  std::vector<Octets> sent;
  for (std::uint32_t i = 0; i < 1500; ++i) sent.push_back(noise(200, i));
  CHECK(on.sender->send_to(views(sent), on.receiver->local(), in_good_time()).accepted == 1500);
  CHECK(receive_copies(*on.receiver, sent.size()) == sent);
}

TEST_CASE("a message too long for UDP is refused and counted", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const std::vector<Octets> sent{noise(100, 1), noise(70000, 2), noise(100, 3)};
  const SendResult result = on.sender->send_to(views(sent), on.receiver->local(), in_good_time());
  CHECK(result.accepted == 1);
  CHECK(result.refused_messages == 1);
  CHECK(result.refused == std::errc::message_size);
  const auto rest = views(sent);
  CHECK(
      on.sender->send_to(std::span(rest).last(1), on.receiver->local(), in_good_time()).accepted ==
      1);
  CHECK(receive_copies(*on.receiver, 2) == std::vector<Octets>{sent[0], sent[2]});
}

TEST_CASE("a destination of the other version of IP is refused", "[datagram]") {
  const Engine engine = GENERATE(from_range(engines()));
  INFO(engine);
  const auto sender = engine.open(Endpoint::loopback(IpVersion::v4));
  const std::vector<Octets> sent{noise(10, 1), noise(10, 2)};
  const SendResult result =
      sender->send_to(views(sent), Endpoint::loopback(IpVersion::v6, 9), in_good_time());
  CHECK(result.accepted == 0);
  CHECK(result.refused_messages >= 1);
  CHECK(result.refused);
}

TEST_CASE("an empty batch is no error", "[datagram]") {
  Sockets on;
  const SendResult result = on.sender->send_to({}, on.receiver->local(), at_once());
  CHECK(result.accepted == 0);
  CHECK_FALSE(result.refused);
}

TEST_CASE("a deadline in the past polls", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const auto begin = std::chrono::steady_clock::now();
  const ReceiveResult nothing = on.receiver->receive(at_once());
  CHECK(nothing.end == End::timed_out);
  CHECK(nothing.messages.empty());
  CHECK(std::chrono::steady_clock::now() - begin < 2s);

  const std::vector<Octets> sent{noise(64, 1)};
  CHECK(on.sender->send_to(views(sent), on.receiver->local(), at_once()).accepted == 1);
  REQUIRE(os::wait_readable(on.receiver->native_handle(), in_good_time()));
  CHECK(on.receiver->receive(at_once()).messages.size() == 1);
}

TEST_CASE("a receive ends at its deadline, not before", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const Deadline deadline = in(30ms);
  CHECK(on.receiver->receive(deadline).end == End::timed_out);
  CHECK(std::chrono::steady_clock::now() >= deadline);
  CHECK(std::chrono::steady_clock::now() < deadline + 2s);
}

TEST_CASE("a datagram tells where it came from", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const auto other = on.engine.open(Endpoint::loopback(on.version));
  const std::vector<Octets> sent{noise(64, 1)};
  for (DatagramIo* const sender : {on.sender.get(), other.get()}) {
    sender->send_to(views(sent), on.receiver->local(), in_good_time());
    const ReceiveResult result = on.receiver->receive(in_good_time());
    REQUIRE(result.messages.size() == 1);
    CHECK(result.messages[0].source == sender->local());
    CHECK_FALSE(result.messages[0].truncated);
    CHECK(result.messages[0].queue_drops == 0);
  }
}

TEST_CASE("one socket serves both directions", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const std::vector<Octets> hello{noise(4, 1)}, reply{noise(4, 2)};
  on.sender->send_to(views(hello), on.receiver->local(), in_good_time());
  CHECK(receive_copies(*on.receiver, 1) == hello);
  on.receiver->send_to(views(reply), on.sender->local(), in_good_time());
  CHECK(receive_copies(*on.sender, 1) == reply);
}

TEST_CASE("arrivals lie between sending and reading", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const std::vector<Octets> sent{noise(64, 1), noise(64, 2), noise(9, 3)};
  const StampedBy expected = on.engine.kernel_stamps ? StampedBy::kernel : StampedBy::application;
  // The kernel begins to stamp a moment after the first socket asks it to, so early datagrams may
  // carry the application's time. What is promised of times holds for each of them.
  const Deadline patience = in_good_time();
  bool as_expected = false;
  while (!as_expected && std::chrono::steady_clock::now() < patience) {
    const WallTime before = wall_now();
    on.sender->send_to(views(sent), on.receiver->local(), in_good_time());
    REQUIRE(os::wait_readable(on.receiver->native_handle(), in_good_time()));
    const WallTime waited = wall_now();
    std::size_t count = 0;
    while (count < sent.size()) {
      const ReceiveResult result = on.receiver->receive(in_good_time());
      REQUIRE(result.end == End::open);
      count += result.messages.size();
      for (const Received& message : result.messages) {
        CHECK(before <= message.arrived);
        CHECK(message.arrived <= message.read_at);
        CHECK(waited <= message.read_at);
        CHECK(message.read_at <= wall_now());
        const bool by_application = message.stamped_by == StampedBy::application;
        if (by_application) CHECK(message.arrived == message.read_at);
        as_expected = message.stamped_by == expected;
      }
    }
  }
  CHECK(as_expected);
}

TEST_CASE("an unreachable port ends neither receiving nor sending", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const Endpoint closed = on.engine.open(Endpoint::loopback(on.version))->local();
  const std::vector<Octets> lost{noise(64, 1)}, kept{noise(64, 2)};
  on.sender->send_to(views(lost), closed, in_good_time());
  CHECK(on.sender->receive(in(20ms)).end == End::timed_out);

  on.sender->send_to(views(lost), closed, in_good_time());
  CHECK(on.sender->send_to(views(kept), on.receiver->local(), in_good_time()).accepted == 1);
  CHECK(receive_copies(*on.receiver, 1) == kept);
  on.receiver->send_to(views(kept), on.sender->local(), in_good_time());
  CHECK(receive_copies(*on.sender, 1) == kept);
  const auto errors = on.sender->counters().icmp_errors;
  if (errors) CHECK(*errors == 2);
}

TEST_CASE("views stay valid until the next receive", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  std::vector<Octets> sent;
  for (std::uint32_t i = 0; i < 20; ++i) sent.push_back(noise(1000, i));
  on.sender->send_to(views(sent), on.receiver->local(), in_good_time());
  REQUIRE(os::wait_readable(on.receiver->native_handle(), in_good_time()));
  const ReceiveResult result = on.receiver->receive(in_good_time());
  const std::vector<Octets> later{noise(1000, 99)};
  on.sender->send_to(views(later), on.receiver->local(), in_good_time());
  for (std::size_t i = 0; i < result.messages.size(); ++i) {
    CHECK(copy(result.messages[i].payload) == sent[i]);
  }
}

TEST_CASE("a socket tells what became of the buffers it asked for", "[datagram]") {
  const Engine engine = GENERATE(from_range(engines()));
  INFO(engine);
  const Endpoint local = Endpoint::loopback(IpVersion::v4);

  const SocketCounters unasked = engine.open(local)->counters();
  CHECK_FALSE(unasked.receive_buffer.asked_octets);
  CHECK(unasked.receive_buffer.granted_octets > 0);
  CHECK_FALSE(unasked.receive_buffer.cut);

  const SocketCounters modest =
      engine.open(local, {.receive_buffer_octets = 65536, .send_buffer_octets = 32768})->counters();
  CHECK(modest.receive_buffer.asked_octets == 65536U);
  CHECK(modest.receive_buffer.granted_octets >= 65536);
  CHECK_FALSE(modest.receive_buffer.cut);
  CHECK(modest.send_buffer.asked_octets == 32768U);
  CHECK_FALSE(modest.send_buffer.cut);

  // More than any system's limit can be.
  const std::size_t greedy = std::size_t{1} << 31;
  CHECK(engine.open(local, {.receive_buffer_octets = greedy})->counters().receive_buffer.cut);
  CHECK(engine.open(local, {.send_buffer_octets = greedy})->counters().send_buffer.cut);
}

TEST_CASE("a socket counts the largest thing it sent", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  CHECK(on.sender->counters().largest_super_packet_messages == 0);
  const std::vector<Octets> sent{noise(700, 1)};
  on.sender->send_to(views(sent), on.receiver->local(), in_good_time());
  const SocketCounters counters = on.sender->counters();
  CHECK(counters.smallest_super_packet_messages == 1);
  CHECK(counters.largest_super_packet_messages == 1);
  CHECK(counters.largest_super_packet_octets == 700);
}

TEST_CASE("a port in use is named", "[datagram]") {
  Sockets on;
  INFO(on.engine);
  const Endpoint taken = on.receiver->local();
  CHECK(taken.port() != 0);
  const auto [text, code] = failure_of([&] { on.engine.open(taken); });
  CHECK(contains(text, taken.to_string()));
  CHECK(code == std::errc::address_in_use);
}

TEST_CASE("one thread may send while another receives on the same socket", "[datagram][threads]") {
  Sockets on;
  INFO(on.engine);
  constexpr std::uint32_t count = 2000;
  DatagramIo& both = *on.receiver;
  std::thread sender([&both] {
    for (std::uint32_t i = 0; i < count; i += 4) {
      const std::vector<Octets> batch{noise(100, i), noise(100, i + 1), noise(100, i + 2),
                                      noise(100, i + 3)};
      both.send_to(views(batch), both.local(), in_good_time());
    }
  });
  const std::vector<Octets> arrived = receive_copies(both, count);
  (void)both.counters();
  sender.join();
  REQUIRE(arrived.size() == count);
  for (std::uint32_t i = 0; i < count; ++i) REQUIRE(arrived[i] == noise(100, i));
}
