// What a connection promises on Linux alone: the kernel's stamps, what it knows of a connection,
// and the choice of a congestion control.
#include "netduel/transport/tcp.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

TEST_CASE("an arrival carries the kernel's stamp and its source", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 10});
  const std::vector<Octets> sent = numbered(3, 10);
  // The kernel begins to stamp a moment after it is first asked to.
  const Deadline patience = in_good_time();
  StampedBy stamped_by = StampedBy::application;
  while (stamped_by != StampedBy::kernel && std::chrono::steady_clock::now() < patience) {
    const WallTime before = wall_now();
    pair.client.send(views(sent), in_good_time());
    std::size_t count = 0;
    while (count < sent.size()) {
      const ReceiveResult result = pair.server.receive(in_good_time());
      REQUIRE(result.end == End::open);
      count += result.messages.size();
      for (const Received& message : result.messages) {
        CHECK(before <= message.arrived);
        CHECK(message.arrived <= message.read_at);
        CHECK(message.read_at <= wall_now());
        CHECK(message.source == pair.client.local());
        stamped_by = message.stamped_by;
      }
    }
  }
  CHECK(stamped_by == StampedBy::kernel);
}

TEST_CASE("a connection tells what the kernel knows of it", "[tcp]") {
  TcpPair pair = tcp_pair({.congestion = "reno"}, {.message_octets = 1000});
  const std::vector<Octets> sent = numbered(10, 1000);
  pair.client.send(views(sent), in_good_time());
  receive_messages(pair.server, 10);
  const TcpInfo info = pair.client.info();
  CHECK(info.congestion == "reno");
  CHECK(info.timestamps.has_value());
  CHECK(info.send_mss_octets.value_or(0) > 0);
  CHECK(info.smoothed_rtt.value_or(std::chrono::nanoseconds()).count() > 0);
  CHECK(info.rtt_variation.value_or(std::chrono::nanoseconds()).count() > 0);
  // The initial window is ten segments (RFC 6928), and nothing was lost since.
  CHECK(info.congestion_window_octets.value_or(0) >= 10 * info.send_mss_octets.value_or(1));
  CHECK(info.congestion_window_octets.value_or(1) % info.send_mss_octets.value_or(2) == 0);
  if (info.send_window_octets) CHECK(*info.send_window_octets > 0);
  CHECK(info.reordering_events == 0U);
  CHECK(info.retransmitted_segments.has_value());
  CHECK(info.octets_sent.value_or(0) >= 10000);
  CHECK(info.busy.has_value());
}

TEST_CASE("congestion control is chosen for each connection", "[tcp]") {
  CHECK(tcp_pair({.congestion = "reno"}).client.info().congestion == "reno");
  CHECK(tcp_pair({}, {.congestion = "reno"}).server.info().congestion == "reno");
}

TEST_CASE("an unknown congestion control is named beside those that exist", "[tcp]") {
  TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  const TcpOptions options{.congestion = "no-such-control"};
  const auto [of_connect, code_of_connect] =
      failure_of([&] { TcpConnection::connect(listener.local(), options, in_good_time()); });
  CHECK(contains(of_connect, "no-such-control"));
  CHECK(contains(of_connect, "reno"));
  CHECK(code_of_connect);
  const auto [of_listen, code_of_listen] =
      failure_of([&] { TcpListener::open(Endpoint::loopback(IpVersion::v4), options); });
  CHECK(contains(of_listen, "no-such-control"));
  CHECK(contains(of_listen, "reno"));
  CHECK(code_of_listen);
}
