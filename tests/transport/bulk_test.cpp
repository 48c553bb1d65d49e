// Streams whose octets nobody looks at: what is sent and taken without copies.
#include "transport/bulk.hpp"

#include <thread>

#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

/// Discards until `octets` are gone, or the stream ends or fails.
Discarded discard_all(TcpConnection& connection, std::size_t octets) {
  Discarded all;
  while (all.octets < octets) {
    const Discarded some = discard(connection, octets - all.octets, in_good_time());
    all = {.octets = all.octets + some.octets, .end = some.end, .error = some.error};
    if (some.end != End::open) break;
  }
  return all;
}

}  // namespace

TEST_CASE("a constant payload arrives as it is, from any offset", "[tcp]") {
  const Octets content = noise(200'000, 1);
  const os::ConstantPayload payload(content);
  CHECK(payload.octets() == content.size());
  TcpPair pair = tcp_pair();
  for (const auto& [offset, octets] : {std::pair<std::size_t, std::size_t>{0, 100'000},
                                       {100'000, 100'000},
                                       {4097, 1},
                                       {7, 5000},
                                       {200'000, 0}}) {
    const BulkSent sent = send_constant(pair.client, payload, offset, octets, in_good_time());
    CHECK(sent.accepted_octets == octets);
    CHECK_FALSE(sent.refused);
    const Bytes expected = Bytes(content).subspan(offset, octets);
    CHECK(receive_octets(pair.server, octets) == copy(expected));
  }
  CHECK(pair.client.counters().largest_super_packet_octets > 0);
}

TEST_CASE("a constant payload waits at a full send buffer, no longer than its deadline", "[tcp]") {
  const os::ConstantPayload payload(noise(std::size_t{1} << 20, 1));
  TcpPair pair = tcp_pair({.send_buffer_octets = 65536}, {.receive_buffer_octets = 65536});
  std::size_t sent = 0;
  BulkSent last;
  do {
    last = send_constant(pair.client, payload, 0, payload.octets(), in(20ms));
    sent += last.accepted_octets;
    REQUIRE_FALSE(last.refused);
  } while (last.accepted_octets == payload.octets());
  // Of a little room the system may tell nobody who waits, and still use it.
  last = send_constant(pair.client, payload, 0, payload.octets(), at_once());
  sent += last.accepted_octets;
  CHECK(last.accepted_octets < payload.octets());
  CHECK(discard_all(pair.server, sent).octets == sent);
  CHECK(send_constant(pair.client, payload, 0, 1, in_good_time()).accepted_octets == 1);
}

TEST_CASE("a constant payload follows the rest of a message that was cut", "[tcp][threads]") {
  const Octets content = noise(1000, 1);
  const os::ConstantPayload payload(content);
  TcpPair pair = tcp_pair({.send_buffer_octets = 65536}, {.receive_buffer_octets = 65536});
  const std::vector<Octets> cut{noise(std::size_t{4} << 20, 2)};
  REQUIRE(pair.client.send(views(cut), at_once()).accepted == 1);
  CHECK(send_constant(pair.client, payload, 0, 1000, at_once()).accepted_octets == 0);
  Octets expected = cut[0];
  expected.insert(expected.end(), content.begin(), content.end());
  Octets arrived;
  std::thread receiving([&server = pair.server, &arrived, octets = expected.size()] {
    arrived = receive_octets(server, octets);
  });
  const BulkSent sent = send_constant(pair.client, payload, 0, 1000, in_good_time());
  receiving.join();
  CHECK(sent.accepted_octets == 1000);
  CHECK(arrived == expected);
}

TEST_CASE("a constant payload is refused when the connection is gone, and raises no signal",
          "[tcp]") {
  const os::ConstantPayload payload(noise(1000, 1));
  TcpPair pair = tcp_pair();
  pair.server.abort();
  const Deadline patience = in_good_time();
  BulkSent sent;
  // The first may meet the reset, the next a connection without an end to send to.
  for (int refusals = 0; refusals < 3 && std::chrono::steady_clock::now() < patience;) {
    sent = send_constant(pair.client, payload, 0, 1000, in_good_time());
    if (sent.refused) ++refusals;
  }
  CHECK(sent.accepted_octets == 0);
  CHECK(sent.refused == std::errc::broken_pipe);

  TcpPair other = tcp_pair();
  other.client.abort();
  CHECK(send_constant(other.client, payload, 0, 1000, in_good_time()).refused ==
        std::errc::connection_aborted);
}

TEST_CASE("what is discarded is gone, and what follows is received", "[tcp][threads]") {
  TcpPair pair = tcp_pair();
  const std::vector<Octets> sent{noise(300'000, 1), noise(100, 2)};
  std::thread sending([&client = pair.client, &sent] {
    client.send(views(sent), in_good_time());
    client.finish(in_good_time());
  });
  const Discarded gone = discard_all(pair.server, 300'000);
  CHECK(gone.octets == 300'000);
  CHECK(gone.end == End::open);
  CHECK(receive_octets(pair.server, 100) == sent[1]);
  CHECK(discard(pair.server, 10, in_good_time()).end == End::finished);
  sending.join();
}

TEST_CASE("what was read and not returned is discarded first", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 10});
  const std::vector<Octets> sent = numbered(4, 10);
  pair.client.send(views(sent), in_good_time());
  // All are read with the first, which alone is returned.
  REQUIRE(pair.server.receive(in_good_time(), 1).messages.size() == 1);
  CHECK(discard_all(pair.server, 15).octets == 15);
  pair.server.frame(0);
  Octets rest(sent[2].begin() + 5, sent[2].end());
  rest.insert(rest.end(), sent[3].begin(), sent[3].end());
  CHECK(receive_octets(pair.server, 15) == rest);
}

TEST_CASE("discarding ends at its deadline, not before", "[tcp]") {
  TcpPair pair = tcp_pair();
  const Deadline deadline = in(20ms);
  CHECK(discard(pair.server, 10, deadline).end == End::timed_out);
  CHECK(std::chrono::steady_clock::now() >= deadline);
  CHECK(discard(pair.server, 10, at_once()).end == End::timed_out);
}

TEST_CASE("discarding tells of a connection that has failed", "[tcp]") {
  TcpPair pair = tcp_pair();
  pair.client.abort();
  const Discarded reset = discard(pair.server, 10, in_good_time());
  CHECK(reset.octets == 0);
  CHECK(reset.end == End::failed);
  CHECK(reset.error == std::errc::connection_reset);
  CHECK(discard(pair.server, 10, in_good_time()).error == std::errc::connection_reset);
  CHECK(discard(pair.client, 10, in_good_time()).error == std::errc::connection_aborted);
}
