// A server and its clients in one process, over loopback.
#include "session/server.hpp"

#include <algorithm>
#include <atomic>
#include <future>

#include "netduel/transport/udp_socket.hpp"
#include "session/two_ends.hpp"
#include "support/catch.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;

namespace {

std::string trouble(const TestRecord& record) {
  return record.error.value_or("");
}

const StreamRecord& with_id(const TestRecord& record, int id) {
  const auto found = std::ranges::find(record.streams, id, &StreamRecord::id);
  REQUIRE(found != record.streams.end());
  return *found;
}

/// What one end has sent, the other has received, stream by stream, and both ends say so.
void check_that_ends_agree(const TestRecord& client, const TestRecord& server,
                           std::size_t streams) {
  CHECK(trouble(client).empty());
  CHECK(trouble(server).empty());
  REQUIRE(client.streams.size() == streams);
  REQUIRE(server.streams.size() == streams);
  for (const StreamRecord& here : client.streams) {
    const StreamRecord& there = with_id(server, here.id);
    CHECK(here.sends != there.sends);
    const auto& sender = here.sends ? here.sender : there.sender;
    const auto& receiver = here.sends ? there.receiver : here.receiver;
    REQUIRE(sender);
    REQUIRE(receiver);
    CHECK(sender->counts.sent > 0);
    CHECK(receiver->stream_messages == sender->counts.sent);
    CHECK(receiver->counts.unique == sender->counts.sent);
    CHECK(receiver->omitted_messages == sender->omitted_messages);
    CHECK(receiver->counts.corrupted == 0);
    CHECK(receiver->counts.truncated == 0);
  }
}

TcpConnection raw_client(const Endpoint& server) {
  return TcpConnection::connect(server, {}, std::chrono::steady_clock::now() + 5s);
}

void send(TcpConnection& connection, const std::string& text) {
  const Bytes message = std::as_bytes(std::span(text));
  REQUIRE(connection.send({&message, 1}, std::chrono::steady_clock::now() + 5s).accepted == 1);
}

void send_cookie(TcpConnection& connection, const std::string& cookie) {
  const auto octets = iperf3::encode_cookie(cookie);
  const Bytes message(octets);
  REQUIRE(connection.send({&message, 1}, std::chrono::steady_clock::now() + 5s).accepted == 1);
}

}  // namespace

TEST_CASE("both ends agree on what was sent and received", "[server][threads]") {
  RunningServer server;
  const Transport transport = GENERATE(Transport::udp, Transport::tcp);
  const TestDirection direction =
      GENERATE(TestDirection::forward, TestDirection::reverse, TestDirection::both);
  const bool stock = GENERATE(false, true);
  ClientSpec spec = short_test(server.at(), transport);
  spec.parameters.direction = direction;
  spec.parameters.parallel = 2;
  if (stock) spec.parameters.netduel.reset();
  const TestRecord client = run(spec);
  const TestRecord there = server.ended();
  const std::size_t streams = direction == TestDirection::both ? 4 : 2;
  if (stock && transport == Transport::tcp) {
    // Octets that are no messages: only they can be counted.
    REQUIRE(client.streams.size() == streams);
    for (const StreamRecord& here : client.streams) {
      if (!here.sends) continue;
      CHECK(with_id(there, here.id).receiver->octets ==
            here.sender->counts.sent * spec.parameters.length);
    }
    return;
  }
  check_that_ends_agree(client, there, streams);
  REQUIRE(client.theirs);
  CHECK(client.theirs->netduel.size() == (stock ? 0 : streams));
}

TEST_CASE("a test over IPv6 is as one over IPv4", "[server][threads]") {
  RunningServer server;
  const ClientSpec spec =
      short_test(server.at(IpVersion::v6), GENERATE(Transport::udp, Transport::tcp));
  const TestRecord client = run(spec);
  check_that_ends_agree(client, server.ended(), 1);
}

TEST_CASE("one TCP connection carries both directions at once", "[server][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), Transport::tcp);
  spec.parameters.direction = TestDirection::both;
  spec.parameters.netduel->full_duplex = true;
  const TestRecord client = run(spec);
  check_that_ends_agree(client, server.ended(), 2);
  CHECK(client.streams[0].handle == client.streams[1].handle);
}

TEST_CASE("what is sent in the omitted time is counted apart by both ends", "[server][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), GENERATE(Transport::udp, Transport::tcp));
  spec.parameters.netduel->omit = 100ms;
  spec.parameters.omit = 1s;
  const TestRecord client = run(spec);
  check_that_ends_agree(client, server.ended(), 1);
  CHECK(client.streams[0].sender->omitted_messages > 0);
}

TEST_CASE("a test of so many octets sends just these", "[server][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), GENERATE(Transport::udp, Transport::tcp));
  spec.parameters.parallel = 2;
  spec.parameters.time = 0s;
  spec.parameters.octets = 99'500;
  const std::uint64_t messages = (99'500 + spec.parameters.length - 1) / spec.parameters.length;
  const TestRecord client = run(spec);
  check_that_ends_agree(client, server.ended(), 2);
  CHECK(client.streams[0].sender->counts.sent + client.streams[1].sender->counts.sent == messages);
}

TEST_CASE("messages leave in bursts at whichever end sends", "[server][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), Transport::udp);
  spec.parameters.direction = GENERATE(TestDirection::forward, TestDirection::reverse);
  const bool stock = GENERATE(false, true);
  if (stock) spec.parameters.netduel.reset();
  // 100 messages a second: one burst at the start of the test, and the next after 0.75 s.
  spec.parameters.bits_per_second = 8e5;
  spec.parameters.burst = 75;
  const TestRecord client = run(spec);
  const TestRecord there = server.ended();
  check_that_ends_agree(client, there, 1);
  const auto& sender = client.streams[0].sends ? client.streams[0].sender : there.streams[0].sender;
  CHECK(sender->counts.sent == (stock ? 150 : 75));
}

TEST_CASE("the client's maximum segment size holds in both directions", "[server][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), Transport::tcp);
  spec.parameters.direction = TestDirection::both;
  spec.parameters.mss_octets = 500;
  const TestRecord client = run(spec);
  const TestRecord there = server.ended();
  check_that_ends_agree(client, there, 2);
  for (const TestRecord* const end : {&client, &there}) {
    for (const StreamRecord& stream : end->streams) {
      if (!stream.sender || !stream.sender->tcp) continue;
      // Less what options take in each segment, such as timestamps (RFC 7323).
      const auto mss = stream.sender->tcp->send_mss_octets.value_or(500);
      CHECK(mss <= 500);
      CHECK(mss > 450);
    }
  }
}

TEST_CASE("many tests run at the same time on one port", "[server][threads]") {
  RunningServer server;
  constexpr std::size_t count = 12;
  std::vector<TestRecord> records(count);
  {
    std::vector<std::jthread> clients;
    for (std::size_t i = 0; i < count; ++i) {
      clients.emplace_back([&, i] {
        ClientSpec spec = short_test(server.at(), i % 2 == 0 ? Transport::udp : Transport::tcp);
        spec.parameters.bits_per_second = 1e6;
        // Every third is as a stock client, whose hello doesn't tell which test it is for.
        if (i % 3 == 0) spec.parameters.netduel.reset();
        records[i] = run(spec);
      });
    }
  }
  for (const TestRecord& record : records) {
    CHECK(trouble(record).empty());
    REQUIRE(record.streams.size() == 1);
    CHECK(record.streams[0].sender->counts.sent > 0);
  }
  CHECK(trouble(server.ended(count)).empty());
}

TEST_CASE("a hello from another host than the test's opens nothing", "[server][threads]") {
  RunningServer server;
  TcpConnection control = raw_client(server.at());
  const std::string cookie = random_cookie();
  send_cookie(control, cookie);
  control.frame(1);
  REQUIRE(control.receive(std::chrono::steady_clock::now() + 5s, 1).messages.size() == 1);
  ClientSpec spec = short_test(server.at(), Transport::udp);
  spec.parameters.direction = TestDirection::reverse;
  const std::string json = parameters_to_json(spec.parameters);
  const auto length = iperf3::encode_length(static_cast<std::uint32_t>(json.size()));
  send(control, std::string(reinterpret_cast<const char*>(length.data()), length.size()) + json);
  // 127.0.0.2 is this host too, but not where the control connection comes from.
  UdpSocket stranger = UdpSocket::open(*Endpoint::parse("127.0.0.2:0"));
  UdpSocket client = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  const auto hello = iperf3::encode(iperf3::Hello{.legacy = false, .cookie = cookie});
  const Bytes message(hello);
  bool answered = false;
  for (int i = 0; i < 100 && !answered; ++i) {
    stranger.send_to({&message, 1}, server.at(), {});
    client.send_to({&message, 1}, server.at(), {});
    answered = !client.receive(std::chrono::steady_clock::now() + 50ms).messages.empty();
  }
  CHECK(answered);
  CHECK(stranger.receive(std::chrono::steady_clock::now() + 50ms).messages.empty());
}

TEST_CASE("what isn't a client doesn't disturb those that are", "[server][threads]") {
  RunningServer server;
  std::vector<TcpConnection> silent;
  for (int i = 0; i < 50; ++i) silent.push_back(raw_client(server.at()));
  TcpConnection garbage = raw_client(server.at());
  send(garbage, std::string(1000, '\xff'));
  TcpConnection huge = raw_client(server.at());
  send_cookie(huge, random_cookie());
  send(huge, std::string("\x00\x80\x00\x00", 4) + std::string(1000, '{'));
  TcpConnection half = raw_client(server.at());
  send_cookie(half, random_cookie());
  send(half, std::string("\x00\x00\x00\x64", 4) + "{\"tcp\":tr");
  TcpConnection gone = raw_client(server.at());
  send_cookie(gone, random_cookie());
  gone.abort();
  const TestRecord client = run(short_test(server.at(), Transport::udp));
  CHECK(trouble(client).empty());
  CHECK(client.streams.size() == 1);
}

TEST_CASE("a server that is full says so", "[server][threads]") {
  RunningServer server({.most_tests = 1});
  TcpConnection first = raw_client(server.at());
  send_cookie(first, random_cookie());
  first.frame(1);
  REQUIRE(first.receive(std::chrono::steady_clock::now() + 5s, 1).messages.size() == 1);
  const TestRecord second = run(short_test(server.at(), Transport::tcp));
  CHECK_THAT(second.error.value_or(""), Catch::Contains("busy"));
}

TEST_CASE("a test that a server's limits don't allow is refused with the reason",
          "[server][threads]") {
  RunningServer server({.longest_time = 500ms, .most_bits_per_second = 1e6});
  ClientSpec spec = short_test(server.at(), Transport::tcp);
  CHECK_THAT(run(spec).error.value_or(""), Catch::Contains("server"));
  spec.parameters.octets = 1000;
  spec.parameters.time = 0s;
  CHECK_THAT(run(spec).error.value_or(""), Catch::Contains("rate"));
  spec.parameters.bits_per_second = 1e6;
  CHECK(trouble(run(spec)).empty());
}

TEST_CASE("nobody listens: the client says so and ends", "[client][threads]") {
  Endpoint closed;
  {
    const TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v4));
    closed = listener.local();
  }
  const TestRecord record = run(short_test(closed, Transport::tcp));
  CHECK_THAT(record.error.value_or(""), Catch::Contains("refused"));
  CHECK(record.streams.empty());
}

TEST_CASE("a client goes on to a server's next address, with what suits that",
          "[client][threads]") {
  Endpoint closed;
  {
    const TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v6));
    closed = listener.local();
  }
  RunningServer server({.address = Endpoint::loopback(IpVersion::v4)});
  ClientSpec spec = short_test(closed, GENERATE(Transport::udp, Transport::tcp));
  spec.alternatives = {{.server = server.at(), .local = {}, .length = 900}};
  const TestRecord record = run(spec);
  check_that_ends_agree(record, server.ended(), 1);
  CHECK(record.remote == server.at());
  CHECK(record.streams[0].remote == server.at());
  CHECK(record.parameters.length == 900);
}

TEST_CASE("an address that doesn't answer takes no more than its share of the time",
          "[client][threads]") {
  // One that accepts nothing more: its queue is full.
  const TcpListener full = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  std::vector<TcpConnection> waiting;
  const auto fill = [&] {
    const auto soon = std::chrono::steady_clock::now() + 100ms;
    waiting.push_back(TcpConnection::connect(full.local(), {}, soon));
  };
  try {
    for (int i = 0; i < 10'000; ++i) fill();
  } catch (const std::system_error&) {
    // Full.
  }
  RunningServer server;
  ClientSpec spec = short_test(full.local(), Transport::tcp);
  spec.connect_timeout = 2s;
  spec.alternatives = {{.server = server.at(), .local = {}, .length = 10'000}};
  CHECK(trouble(run(spec)).empty());
}

TEST_CASE("where no address accepts, the error names each", "[client][threads]") {
  std::vector<Endpoint> closed;
  for (const IpVersion version : {IpVersion::v6, IpVersion::v4}) {
    closed.push_back(TcpListener::open(Endpoint::loopback(version)).local());
  }
  ClientSpec spec = short_test(closed[0], Transport::tcp);
  spec.alternatives = {{.server = closed[1], .local = {}, .length = 1000}};
  const TestRecord record = run(spec);
  CHECK_THAT(trouble(record), Catch::Contains(closed[0].to_string()));
  CHECK_THAT(trouble(record), Catch::Contains(closed[1].to_string()));
  CHECK(std::ranges::count(trouble(record), '\n') == 0);
}

TEST_CASE("a client whose server goes away reports what it saw", "[client][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), GENERATE(Transport::udp, Transport::tcp));
  spec.parameters.netduel->time = 20s;
  spec.parameters.time = 20s;
  spec.interval = 50ms;
  ClientEvents events;
  std::jthread end;
  events.began = [&](const TestRecord&) {
    end = std::jthread([&] {
      std::this_thread::sleep_for(200ms);
      server.stop();
    });
  };
  const auto before = std::chrono::steady_clock::now();
  const TestRecord record = run(spec, {}, events);
  CHECK(std::chrono::steady_clock::now() - before < 10s);
  CHECK(record.error);
  REQUIRE(record.streams.size() == 1);
  REQUIRE(record.streams[0].sender);
  CHECK(record.streams[0].sender->counts.sent > 0);
  CHECK(!record.intervals.empty());
}

TEST_CASE("a stop ends a test early and with results", "[client][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), Transport::udp);
  spec.parameters.bits_per_second = 0;
  spec.parameters.netduel->time = 20s;
  std::stop_source stop;
  ClientEvents events;
  std::jthread end;
  events.began = [&](const TestRecord&) {
    end = std::jthread([&] {
      std::this_thread::sleep_for(100ms);
      stop.request_stop();
    });
  };
  const TestRecord record = run(spec, stop.get_token(), events);
  CHECK(record.interrupted);
  CHECK(trouble(record).empty());
  REQUIRE(record.theirs);
  REQUIRE(record.theirs->netduel.size() == 1);
  CHECK(record.theirs->netduel[0].receiver->stream_messages ==
        record.streams[0].sender->counts.sent);
}

TEST_CASE("delays over two clocks are those of one", "[client][clock][threads]") {
  const auto error = GENERATE(0ns, 3h, -5ms);
  ServerSpec server_spec;
  server_spec.clock_error = [error] { return std::chrono::nanoseconds(error); };
  RunningServer server(server_spec);
  ClientSpec spec = short_test(server.at(), Transport::udp);
  spec.parameters.direction = GENERATE(TestDirection::forward, TestDirection::reverse);
  const TestRecord record = run(spec);
  REQUIRE(record.clock);
  CHECK_FALSE(record.clock->known.stepped);
  REQUIRE(record.clock->known.bound);
  CHECK(std::chrono::abs(record.clock->known.offset - error) <= *record.clock->known.bound);
  const StreamRecord& stream = record.streams[0];
  const ReceiverReport& receiver =
      stream.receiver ? *stream.receiver : *record.theirs->netduel[0].receiver;
  const auto delay = receiver.meter.get<Delay>().to_read().percentile(0.5);
  REQUIRE(delay);
  CHECK(*delay < 100ms);
  CHECK(*delay > -2ms);
}

TEST_CASE("a server of several addresses answers from the one that it was asked at",
          "[server][clock][threads]") {
  RunningServer server;
  // All of 127.0.0.0/8 is this host, and the way back would choose 127.0.0.1.
  const Endpoint at = Endpoint::v4({127, 0, 0, 5}, server.at().port());
  ClientSpec spec = short_test(at, GENERATE(Transport::udp, Transport::tcp));
  const TestRecord record = run(spec);
  check_that_ends_agree(record, server.ended(), 1);
  CHECK(record.clock);
}

TEST_CASE("a client with an address of its own compares clocks from that",
          "[client][clock][threads]") {
  RunningServer server;
  ClientSpec spec = short_test(server.at(), GENERATE(Transport::udp, Transport::tcp));
  spec.local = Endpoint::v4({127, 0, 0, 5}, 0);
  const TestRecord record = run(spec);
  check_that_ends_agree(record, server.ended(), 1);
  CHECK(record.local.with_port(0) == *spec.local);
  CHECK(record.clock);
}

TEST_CASE("the last answer about clocks before a test failed counts too",
          "[client][clock][threads]") {
  std::atomic<bool> running{false};
  bool was_set = false;
  std::promise<void> asked;
  std::future<void> was_asked = asked.get_future();
  ServerSpec server_spec;
  server_spec.clock_error = [&]() -> std::chrono::nanoseconds {
    if (running.exchange(false)) {
      was_set = true;
      asked.set_value();
    }
    return was_set ? 500ms : 0ms;
  };
  RunningServer server(server_spec);
  // The answer leaves before the server ends: one thread has both.
  const std::jthread end([&] {
    if (was_asked.wait_for(10s) == std::future_status::ready) server.stop();
  });
  ClientSpec spec = short_test(server.at(), Transport::udp);
  spec.parameters.netduel->time = 20s;
  spec.parameters.time = 20s;
  ClientEvents events;
  events.began = [&](const TestRecord&) { running = true; };
  const TestRecord record = run(spec, {}, events);
  CHECK(record.error);
  REQUIRE(record.clock);
  CHECK(record.clock->known.stepped);
}

TEST_CASE("a clock that is set during a test is noticed", "[client][clock][threads]") {
  const auto start = std::chrono::steady_clock::now();
  ServerSpec server_spec;
  server_spec.clock_error = [start]() -> std::chrono::nanoseconds {
    return std::chrono::steady_clock::now() - start > 600ms ? 500ms : 0ms;
  };
  RunningServer server(server_spec);
  ClientSpec spec = short_test(server.at(), Transport::udp);
  spec.parameters.netduel->time = 1s;
  const TestRecord record = run(spec);
  REQUIRE(record.clock);
  CHECK(record.clock->known.stepped);
  CHECK_FALSE(record.clock->known.bound);
}

TEST_CASE("threads serve one test after the other", "[client][threads]") {
  RunningServer server;
  const auto workers = std::make_shared<StreamWorkers>(1);
  for (int i = 0; i < 10; ++i) {
    ClientSpec spec = short_test(server.at(), i % 2 ? Transport::tcp : Transport::udp);
    spec.parameters.direction = TestDirection::both;
    spec.parameters.parallel = 4;
    spec.parameters.netduel->time = 20ms;
    spec.parameters.netduel->drain = 1ms;
    const TestRecord record = run_client(spec, {}, workers, {});
    CHECK_FALSE(record.error);
    CHECK(record.streams.size() == 8);
  }
}

TEST_CASE("messages are verified in both directions, at whichever end receives",
          "[server][threads]") {
  const RunningServer server;
  const auto transport = GENERATE(Transport::udp, Transport::tcp);
  ClientSpec spec = short_test(server.at(), transport);
  spec.parameters.direction = TestDirection::both;
  spec.parameters.parallel = 2;
  spec.parameters.netduel->verify = true;
  spec.parameters.netduel->seed = 5;
  spec.parameters.netduel->omit = 20ms;
  spec.parameters.udp_checksum = transport == Transport::tcp;
  const TestRecord record = run(spec);
  REQUIRE(trouble(record).empty());
  REQUIRE(record.theirs);
  REQUIRE(record.streams.size() == 4);
  for (const StreamRecord& stream : record.streams) {
    const auto there = std::ranges::find(record.theirs->netduel, stream.id, &NetduelStream::id);
    REQUIRE(there != record.theirs->netduel.end());
    const auto& receiver = stream.sends ? there->receiver : stream.receiver;
    REQUIRE(receiver);
    CHECK(receiver->counts.unique > 0);
    CHECK(receiver->integrity == IntegrityCounts{.verified = receiver->counts.unique});
  }
}
