// What a connection promises when things go wrong: deadlines, resets, refusals.
#include <atomic>
#include <csignal>
#include <stop_token>
#include <thread>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netduel/transport/tcp.hpp"
#include "netduel/transport/wait_set.hpp"
#include "os/owned_handle.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t small_buffer = 16 * 1024;
constexpr std::size_t large_message = 1 << 20;

/// A pair between which little fits, so that a receiver that doesn't read stalls the sender.
TcpPair narrow_pair(std::size_t message_octets = 0) {
  return tcp_pair({.send_buffer_octets = small_buffer},
                  {.message_octets = message_octets, .receive_buffer_octets = small_buffer});
}

std::vector<Octets> large_messages(std::size_t count) {
  std::vector<Octets> messages;
  for (std::uint32_t i = 0; i < count; ++i) messages.push_back(noise(large_message, i));
  return messages;
}

/// A listening socket whose queue of one connection is full, so that further ones get no answer.
struct FullListener {
  FullListener() : handle(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address{};
    const socklen_t length = os::to_sockaddr(Endpoint::loopback(IpVersion::v4), address);
    REQUIRE(bind(handle.get(), reinterpret_cast<const sockaddr*>(&address), length) == 0);
    REQUIRE(listen(handle.get(), 0) == 0);
    at = os::local_endpoint(handle.get());
  }
  os::OwnedHandle handle;
  Endpoint at;
};

}  // namespace

TEST_CASE("a connection that nobody accepts is refused by name", "[tcp]") {
  const IpVersion version = GENERATE(from_range(ip_versions()));
  const Endpoint closed = TcpListener::open(Endpoint::loopback(version)).local();
  const auto [text, code] = failure_of([&] { TcpConnection::connect(closed, {}, in_good_time()); });
  CHECK(text == "connect to " + closed.to_string() + ": Connection refused");
  CHECK(code == std::errc::connection_refused);
}

TEST_CASE("messages longer than any that can be framed are refused by name", "[tcp]") {
  const std::size_t octets = TcpOptions::largest_message_octets + 1;
  const auto refused = containing("frame messages of 1073741825 octets (at most 1073741824)");
  CHECK_THAT(failure_of([&] {
               TcpListener::open(Endpoint::loopback(IpVersion::v4), {.message_octets = octets});
             }).first,
             refused);
  auto pair = tcp_pair();
  CHECK_THAT(failure_of([&] {
               TcpConnection::connect(pair.client.local(), {.message_octets = octets}, at_once());
             }).first,
             refused);
  CHECK_THAT(failure_of([&] { pair.client.frame(octets); }).first, refused);
}

TEST_CASE("connecting gives up at the deadline", "[tcp]") {
  const FullListener listener;
  std::vector<TcpConnection> waiting;
  const auto [text, code] = failure_of([&] {
    for (int i = 0; i < 8; ++i) {
      waiting.push_back(TcpConnection::connect(listener.at, {}, in(100ms)));
    }
  });
  CHECK(code == std::errc::timed_out);
  CHECK(contains(text, "connect to " + listener.at.to_string()));

  const auto begin = steady_clock::now();
  CHECK(failure_of([&] { TcpConnection::connect(listener.at, {}, at_once()); }).second ==
        std::errc::timed_out);
  CHECK(steady_clock::now() - begin < 2s);
}

TEST_CASE("a stop ends the wait for a connection", "[tcp][threads]") {
  const FullListener listener;
  std::vector<TcpConnection> waiting;
  const auto fill = [&](Deadline deadline, std::stop_token stop) {
    return failure_of([&] {
      for (int i = 0; i < 8; ++i) {
        waiting.push_back(TcpConnection::connect(listener.at, {}, deadline, stop));
      }
    });
  };
  REQUIRE(fill(in(100ms), {}).second == std::errc::timed_out);
  std::stop_source stop;
  std::jthread user([&] { stop.request_stop(); });
  CHECK(fill(Deadline::max(), stop.get_token()).second == std::errc::operation_canceled);
}

TEST_CASE("a port that another listener has is named", "[tcp]") {
  const TcpListener first = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  const auto [text, code] = failure_of([&] { TcpListener::open(first.local()); });
  CHECK(text == "listen at " + first.local().to_string() + ": Address already in use");
  CHECK(code == std::errc::address_in_use);
}

TEST_CASE("accepting ends at its deadline, not before", "[tcp]") {
  TcpListener listener = TcpListener::open(Endpoint::loopback(IpVersion::v4));
  CHECK_FALSE(listener.accept(at_once()));
  const Deadline deadline = in(30ms);
  CHECK_FALSE(listener.accept(deadline));
  CHECK(steady_clock::now() >= deadline);
  CHECK(steady_clock::now() < deadline + 2s);
}

TEST_CASE("receiving ends at its deadline, also inside a message", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 100});
  CHECK(pair.server.receive(at_once()).end == End::timed_out);
  const std::vector<Octets> part{noise(60, 1)}, rest{noise(40, 2)};
  pair.client.send(views(part), in_good_time());
  const Deadline deadline = in(30ms);
  const ReceiveResult nothing = pair.server.receive(deadline);
  CHECK(nothing.end == End::timed_out);
  CHECK(nothing.messages.empty());
  CHECK(steady_clock::now() >= deadline);
  CHECK(steady_clock::now() < deadline + 2s);

  pair.client.send(views(rest), in_good_time());
  const auto whole = receive_messages(pair.server, 1);
  REQUIRE(whole.size() == 1);
  CHECK(copy(Bytes(whole[0]).first(60)) == part[0]);
  CHECK(copy(Bytes(whole[0]).last(40)) == rest[0]);
}

TEST_CASE("deadlines hold when the peer has stalled", "[tcp]") {
  auto begin = steady_clock::now();
  {
    TcpPair pair = narrow_pair();
    const auto messages = large_messages(3);
    const Deadline deadline = in(30ms);
    const SendResult cut = pair.client.send(views(messages), deadline);
    CHECK(steady_clock::now() >= deadline);
    CHECK(cut.accepted == 1);
    CHECK(cut.refused_messages == 0);

    const SendResult none = pair.client.send(views(messages), in(30ms));
    CHECK(none.accepted == 0);
    CHECK(none.refused_messages == 0);
    CHECK_FALSE(none.refused);
    CHECK_FALSE(pair.client.finish(in(30ms)));
    CHECK_FALSE(pair.client.finish(at_once()));
    begin = steady_clock::now();
  }
  CHECK(steady_clock::now() - begin < 2s);
}

TEST_CASE("a message that a deadline has cut continues intact", "[tcp]") {
  TcpPair pair = narrow_pair(large_message);
  const auto messages = large_messages(4);
  const auto batch = views(messages);
  std::size_t accepted = 0, turns = 0;
  bool finished = false;
  std::vector<Octets> arrived;
  const Deadline patience = in_good_time();
  while (arrived.size() < messages.size() && steady_clock::now() < patience) {
    if (accepted < batch.size()) {
      accepted += pair.client.send(std::span(batch).subspan(accepted), at_once()).accepted;
      ++turns;
    } else if (!finished) {
      finished = pair.client.finish(at_once());
    }
    for (const Received& message : pair.server.receive(at_once()).messages) {
      arrived.push_back(copy(message.payload));
    }
  }
  CHECK(arrived == messages);
  CHECK(turns > messages.size());
  CHECK(pair.server.receive(in_good_time()).end == End::finished);
}

TEST_CASE("finish sends the rest of a cut message before it closes", "[tcp]") {
  TcpPair pair = narrow_pair(large_message);
  const auto messages = large_messages(1);
  REQUIRE(pair.client.send(views(messages), at_once()).accepted == 1);
  std::vector<Octets> arrived;
  std::thread reader([&] { arrived = receive_messages(pair.server, 2); });
  CHECK(pair.client.finish(in_good_time()));
  reader.join();
  CHECK(arrived == messages);
}

TEST_CASE("after an abort the peer sees a failure and no end", "[tcp]") {
  TcpPair pair = tcp_pair({}, {.message_octets = 100});
  const std::vector<Octets> part{noise(60, 1)};
  pair.client.send(views(part), in_good_time());
  CHECK(pair.server.receive(in(20ms)).end == End::timed_out);
  pair.client.abort();
  const ReceiveResult result = pair.server.receive(in_good_time());
  CHECK(result.end == End::failed);
  CHECK(result.error == std::errc::connection_reset);
  CHECK(pair.server.receive(in_good_time()).end == End::failed);
  const SendResult send = pair.server.send(views(part), in_good_time());
  CHECK(send.refused_messages == 1);
  CHECK(send.refused);
}

TEST_CASE("an abort drops what was queued", "[tcp]") {
  TcpPair pair = narrow_pair();
  const auto messages = large_messages(1);
  pair.client.send(views(messages), at_once());
  pair.client.abort();
  std::size_t octets = 0;
  ReceiveResult result;
  do {
    result = pair.server.receive(in_good_time());
    for (const Received& message : result.messages) octets += message.payload.size();
  } while (result.end == End::open);
  CHECK(result.end == End::failed);
  CHECK(octets < large_message);
}

TEST_CASE("after an abort one's own calls fail and say so", "[tcp]") {
  TcpPair pair = tcp_pair();
  const Endpoint local = pair.client.local();
  const std::vector<Octets> messages{noise(10, 1), noise(10, 2)};
  pair.server.send(views(messages), in_good_time());
  pair.client.abort();
  pair.client.abort();
  const ReceiveResult received = pair.client.receive(in_good_time());
  CHECK(received.messages.empty());
  CHECK(received.end == End::failed);
  CHECK(received.error == std::errc::connection_aborted);
  const SendResult sent = pair.client.send(views(messages), in_good_time());
  CHECK(sent.refused_messages == 2);
  CHECK(sent.refused == std::errc::connection_aborted);
  CHECK(pair.client.local() == local);
}

TEST_CASE("an abort ends calls that are under way in other threads", "[tcp][threads]") {
  TcpPair pair = narrow_pair();
  ReceiveResult received;
  SendResult sent;
  std::atomic<int> at_work{0};
  std::thread receiver([&] {
    ++at_work;
    received = pair.client.receive(in_good_time());
  });
  std::thread sender([&] {
    const auto messages = large_messages(2);
    ++at_work;
    sent = pair.client.send(views(messages), in_good_time());
  });
  // When the peer's buffer holds octets, the sender is at work; it stays in its call till the
  // abort.
  WaitSet set;
  set.set(pair.server.native_handle(), Interest::readable, 0);
  CHECK(set.wait(in_good_time()).size() == 1);
  while (at_work < 2) std::this_thread::yield();
  const auto begin = steady_clock::now();
  pair.client.abort();
  receiver.join();
  sender.join();
  CHECK(steady_clock::now() - begin < 5s);
  CHECK(received.end == End::failed);
  CHECK(received.error == std::errc::connection_aborted);
  CHECK(sent.accepted == 0);
  CHECK(sent.refused_messages == 2);
  CHECK(sent.refused == std::errc::connection_aborted);
}

TEST_CASE("when a connection fails, the whole rest of the batch is refused", "[tcp]") {
  TcpPair pair = narrow_pair();
  const auto messages = large_messages(3);
  REQUIRE(pair.client.send(views(messages), at_once()).accepted == 1);
  pair.server.abort();
  const SendResult result = pair.client.send(views(messages), in_good_time());
  CHECK(result.accepted == 0);
  CHECK(result.refused_messages == 3);
  CHECK(result.refused == std::errc::connection_reset);
}

TEST_CASE("both halves learn of a reset, whichever is told first", "[tcp]") {
  TcpPair pair = tcp_pair();
  const std::vector<Octets> messages{noise(10, 1)};
  pair.server.abort();
  WaitSet set;
  set.set(pair.client.native_handle(), Interest::readable, 0);
  REQUIRE(set.wait(in_good_time()).size() == 1);
  SECTION("the sending half") {
    CHECK(pair.client.send(views(messages), in_good_time()).refused_messages == 1);
    CHECK(pair.client.receive(in_good_time()).end == End::failed);
  }
  SECTION("the sending half, which then finishes") {
    CHECK(pair.client.send(views(messages), in_good_time()).refused_messages == 1);
    CHECK(pair.client.finish(in_good_time()));
    CHECK(pair.client.receive(in_good_time()).end == End::failed);
  }
  SECTION("the receiving half") {
    CHECK(pair.client.receive(in_good_time()).end == End::failed);
    CHECK(pair.client.send(views(messages), in_good_time()).refused_messages == 1);
  }
}

TEST_CASE("a peer that closes without reading resets the connection", "[tcp]") {
  TcpPair pair = tcp_pair();
  const std::vector<Octets> messages{noise(1000, 1)};
  pair.client.send(views(messages), in_good_time());
  CHECK(pair.server.receive(in_good_time()).messages.size() == 1);
  pair.client.send(views(messages), in_good_time());
  WaitSet set;
  set.set(pair.server.native_handle(), Interest::readable, 0);
  REQUIRE(set.wait(in_good_time()).size() == 1);
  { const TcpConnection closed = std::move(pair.server); }
  CHECK(pair.client.receive(in_good_time()).end == End::failed);
}

TEST_CASE("a peer that is killed ends the connection", "[tcp]") {
  TcpListener listener =
      TcpListener::open(Endpoint::loopback(IpVersion::v4), {.message_octets = 100});
  const pid_t child = fork();
  if (child == 0) {
    auto connection = TcpConnection::connect(listener.local(), {}, in_good_time());
    const std::vector<Octets> messages{noise(100, 1), noise(30, 2)};
    connection.send(views(messages), in_good_time());
    for (;;) pause();
  }
  REQUIRE(child > 0);
  auto server = listener.accept(in_good_time());
  if (server) CHECK(receive_messages(*server, 1).size() == 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  REQUIRE(server);
  const ReceiveResult result = server->receive(in_good_time());
  CHECK(result.end == End::finished);
  REQUIRE(result.messages.size() == 1);
  CHECK(result.messages[0].truncated);
}
