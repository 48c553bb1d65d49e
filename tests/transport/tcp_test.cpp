// What a connection that works promises: set-up, framing, gathered writes, half-close.
#include "netduel/transport/tcp.hpp"

#include <thread>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

bool has_no_delay(const TcpConnection& connection) {
  int value = 0;
  socklen_t length = sizeof value;
  REQUIRE(getsockopt(connection.native_handle(), IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0);
  return value != 0;
}

}  // namespace

TEST_CASE("both ends know both addresses", "[tcp]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  const TcpPair pair = tcp_pair({}, {}, version);
  CHECK(pair.client.local() == pair.server.remote());
  CHECK(pair.client.remote() == pair.server.local());
  CHECK(pair.client.local().version() == version);
}

TEST_CASE("a connection may start from an address and port of one's own", "[tcp]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  TcpListener listener = TcpListener::open(Endpoint::loopback(version));
  const Endpoint from = TcpListener::open(Endpoint::loopback(version)).local();
  const auto client = TcpConnection::connect(from, listener.local(), {}, in_good_time());
  CHECK(client.local() == from);
  const auto server = listener.accept(in_good_time());
  REQUIRE(server);
  CHECK(server->remote() == from);
}

TEST_CASE("messages come out as they were framed, wherever writes were cut", "[tcp]") {
  const std::size_t message_octets = GENERATE(1, 37, 1000, 131072, 700000);
  TcpPair pair = tcp_pair({}, {.message_octets = message_octets});
  const Octets sent = noise(3 * message_octets, 1);
  std::thread writer([&] {
    Bytes left(sent);
    std::size_t step = 1;
    while (!left.empty()) {
      const Bytes piece = left.first(std::min(step, left.size()));
      pair.client.send(std::span(&piece, 1), in_good_time());
      left = left.subspan(piece.size());
      step = step * 3 + 1;
    }
  });
  const auto arrived = receive_messages(pair.server, 3);
  writer.join();
  REQUIRE(arrived.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(arrived[i] == copy(Bytes(sent).subspan(i * message_octets, message_octets)));
  }
}

TEST_CASE("without framing, what has arrived is one message", "[tcp]") {
  TcpPair pair = tcp_pair();
  const std::vector<Octets> sent = numbered(3, 50);
  CHECK(pair.client.send(views(sent), in_good_time()).accepted == 3);
  const ReceiveResult result = pair.server.receive(in_good_time());
  REQUIRE(result.messages.size() == 1);
  CHECK(result.messages[0].payload.size() == 150);
  CHECK_FALSE(result.messages[0].truncated);
}

TEST_CASE("more messages than one receive returns come with the next ones", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 4});
  constexpr std::size_t count = 30000;
  const Octets sent = noise(count * 4, 1);
  const Bytes whole(sent);
  REQUIRE(pair.client.send(std::span(&whole, 1), in_good_time()).accepted == 1);
  Octets arrived;
  for (const Octets& message : receive_messages(pair.server, count)) {
    REQUIRE(message.size() == 4);
    arrived.insert(arrived.end(), message.begin(), message.end());
  }
  CHECK(arrived == sent);
  CHECK(pair.server.receive(at_once()).end == End::timed_out);
}

TEST_CASE("a stream may go on with another length than it began with", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 37});
  // All in one write, so that the first read holds octets of every kind.
  const std::vector<Octets> sent{noise(37, 1), noise(1000, 2), noise(1000, 3), noise(5, 4)};
  pair.client.send(views(sent), in_good_time());
  const ReceiveResult cookie = pair.server.receive(in_good_time(), 1);
  REQUIRE(cookie.messages.size() == 1);
  CHECK(copy(cookie.messages[0].payload) == sent[0]);
  pair.server.frame(1000);
  const auto blocks = receive_messages(pair.server, 2);
  CHECK(blocks == std::vector<Octets>{sent[1], sent[2]});
  pair.server.frame(0);
  CHECK(receive_octets(pair.server, 5) == sent[3]);
}

TEST_CASE("messages far larger than before fit after framing anew", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 4});
  const Octets large = noise(3 << 20, 2);
  std::thread writer([&] {
    const std::vector<Octets> sent{noise(4, 1), large};
    pair.client.send(views(sent), in_good_time());
  });
  CHECK(pair.server.receive(in_good_time(), 1).messages.size() == 1);
  pair.server.frame(large.size());
  CHECK(receive_messages(pair.server, 1) == std::vector<Octets>{large});
  writer.join();
}

TEST_CASE("messages that lie one behind the other leave in one write", "[tcp]") {
  TcpPair pair = tcp_pair();
  const Octets slab = noise(3000, 1);
  std::vector<Bytes> batch;
  for (std::size_t at = 0; at < slab.size(); at += 2) batch.push_back(Bytes(slab).subspan(at, 2));
  CHECK(pair.client.send(batch, in_good_time()).accepted == 1500);
  CHECK(pair.client.counters().largest_super_packet_octets == 3000);
  CHECK(receive_octets(pair.server, slab.size()) == slab);
}

TEST_CASE("messages may be scattered over more places than one write takes", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 10});
  const std::vector<Octets> sent = numbered(2500, 10);
  CHECK(pair.client.send(views(sent), in_good_time()).accepted == sent.size());
  CHECK(receive_messages(pair.server, sent.size()) == sent);
}

TEST_CASE("empty messages and empty batches are accepted", "[tcp]") {
  TcpPair pair = tcp_pair();
  CHECK(pair.client.send({}, in_good_time()).accepted == 0);
  const std::vector<Octets> sent{{}, {}, noise(5, 1), {}};
  CHECK(pair.client.send(views(sent), in_good_time()).accepted == 4);
  CHECK(receive_octets(pair.server, 5) == sent[2]);
}

TEST_CASE("after a half-close data still flows back", "[tcp]") {
  TcpPair pair = tcp_pair({.message_octets = 100}, {.message_octets = 100});
  const std::vector<Octets> there = numbered(5, 100), back = numbered(7, 100);
  pair.client.send(views(there), in_good_time());
  CHECK(pair.client.finish(in_good_time()));
  CHECK(receive_messages(pair.server, 5) == there);
  CHECK(pair.server.receive(in_good_time()).end == End::finished);

  CHECK(pair.server.send(views(back), in_good_time()).accepted == 7);
  CHECK(receive_messages(pair.client, 7) == back);
  CHECK(pair.server.finish(in_good_time()));
  CHECK(pair.client.receive(in_good_time()).end == End::finished);
  CHECK(pair.client.receive(in_good_time()).end == End::finished);
  CHECK(pair.server.receive(in_good_time()).end == End::finished);
}

TEST_CASE("sending after a half-close is refused", "[tcp]") {
  TcpPair pair = tcp_pair();
  pair.client.finish(in_good_time());
  const std::vector<Octets> late = numbered(2, 10);
  const SendResult result = pair.client.send(views(late), in_good_time());
  CHECK(result.accepted == 0);
  CHECK(result.refused_messages == 2);
  CHECK(result.refused == std::errc::broken_pipe);
}

TEST_CASE("a stream that ends inside a message gives the part, marked", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 100});
  const std::vector<Octets> sent{noise(100, 1), noise(60, 2)};
  pair.client.send(views(sent), in_good_time());
  pair.client.finish(in_good_time());
  CHECK(receive_messages(pair.server, 1) == std::vector<Octets>{sent[0]});
  const ReceiveResult last = pair.server.receive(in_good_time());
  CHECK(last.end == End::finished);
  CHECK_FALSE(last.error);
  REQUIRE(last.messages.size() == 1);
  CHECK(last.messages[0].truncated);
  CHECK(copy(last.messages[0].payload) == sent[1]);
}

TEST_CASE("Nagle's algorithm can be switched off at both ends", "[tcp]") {
  const TcpPair with = tcp_pair();
  CHECK_FALSE(has_no_delay(with.client));
  CHECK_FALSE(has_no_delay(with.server));
  const TcpPair without = tcp_pair({.no_delay = true}, {.no_delay = true});
  CHECK(has_no_delay(without.client));
  CHECK(has_no_delay(without.server));
}

TEST_CASE("both ends tell what became of the buffers they asked for", "[tcp]") {
  const std::size_t greedy = std::size_t{1} << 31;
  const TcpPair pair = tcp_pair({.send_buffer_octets = 65536}, {.receive_buffer_octets = greedy});
  const BufferSize send = pair.client.counters().send_buffer;
  CHECK(send.asked_octets == 65536U);
  CHECK(send.granted_octets >= 65536);
  CHECK_FALSE(send.cut);
  CHECK_FALSE(pair.client.counters().receive_buffer.asked_octets);
  CHECK(pair.server.counters().receive_buffer.asked_octets == greedy);
  CHECK(pair.server.counters().receive_buffer.cut);
}

TEST_CASE("both directions may be busy at once, each half in its own thread", "[tcp][threads]") {
  TcpPair pair = tcp_pair({.message_octets = 5000}, {.message_octets = 5000});
  const std::vector<Octets> there = numbered(400, 5000), back = numbered(300, 5000);
  const auto send_all = [](TcpConnection& from, const std::vector<Octets>& messages) {
    from.send(views(messages), in_good_time());
    (void)from.counters();
    from.finish(in_good_time());
  };
  std::thread client_sends([&] { send_all(pair.client, there); });
  std::thread server_sends([&] { send_all(pair.server, back); });
  std::vector<Octets> arrived_back;
  std::thread client_receives([&] { arrived_back = receive_messages(pair.client, 1000); });
  const std::vector<Octets> arrived_there = receive_messages(pair.server, 1000);
  client_sends.join();
  server_sends.join();
  client_receives.join();
  CHECK(arrived_there == there);
  CHECK(arrived_back == back);
}
