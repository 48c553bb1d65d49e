// The seam is wide enough for a protocol that is not our own: what iperf3 puts on the wire, as its
// control connection and as its TCP and UDP streams, goes through the public interface alone. What
// the two ends share here is only the test's knowledge of those formats.
#include <array>
#include <thread>

#include "netduel/transport/tcp.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

namespace {

constexpr std::size_t cookie_octets = 37;
constexpr std::size_t block_octets = 128 * 1024;

void put(std::span<std::byte> into, std::uint64_t value) {
  for (std::size_t i = into.size(); i-- > 0; value >>= 8) into[i] = static_cast<std::byte>(value);
}

std::uint64_t get(Bytes octets) {
  std::uint64_t value = 0;
  for (const std::byte octet : octets) value = value << 8 | std::to_integer<std::uint64_t>(octet);
  return value;
}

Octets cookie() {
  return octets_of(std::string("abcdefghijklmnopqrstuvwxyz234567abcd") + '\0');
}

/// The control connection: single octets, and JSON behind its length.
class Control {
 public:
  explicit Control(TcpConnection connection) : connection_(std::move(connection)) {}

  void send_cookie() { send(cookie()); }
  void send_state(std::int8_t state) { send({static_cast<std::byte>(state)}); }
  void send_json(const std::string& json) {
    std::array<std::byte, 4> length;
    put(length, json.size());
    const Octets text = octets_of(json);
    const std::array<Bytes, 2> both{length, text};
    REQUIRE(connection_.send(both, in_good_time()).accepted == 2);
  }

  Octets receive_cookie() { return next(cookie_octets); }
  std::int8_t receive_state() { return static_cast<std::int8_t>(next(1)[0]); }
  std::string receive_json() { return text_of(next(get(next(4)))); }

 private:
  void send(const Octets& octets) {
    const Bytes message(octets);
    REQUIRE(connection_.send({&message, 1}, in_good_time()).accepted == 1);
  }
  Octets next(std::size_t octets) {
    connection_.frame(octets);
    const ReceiveResult result = connection_.receive(in_good_time(), 1);
    REQUIRE(result.messages.size() == 1);
    return copy(result.messages[0].payload);
  }

  TcpConnection connection_;
};

}  // namespace

TEST_CASE("the seam carries a control exchange of octets and JSON", "[seam]") {
  TcpPair pair = tcp_pair({.no_delay = true}, {.no_delay = true});
  Control client(std::move(pair.client)), server(std::move(pair.server));
  const std::string parameters = R"({"udp":true,"time":10,"len":1460})";
  const std::string results(5000, 'x');

  client.send_cookie();
  // Everything that follows is on its way before the server reads the first octet.
  client.send_json(parameters);
  client.send_state(4);
  client.send_json(results);
  client.send_state(16);
  CHECK(server.receive_cookie() == cookie());
  server.send_state(9);
  CHECK(server.receive_json() == parameters);
  server.send_state(10);
  server.send_state(-2);
  server.send_json(results);
  CHECK(client.receive_state() == 9);
  CHECK(client.receive_state() == 10);
  CHECK(client.receive_state() == -2);
  CHECK(client.receive_json() == results);
  CHECK(server.receive_state() == 4);
  CHECK(server.receive_json() == results);
  CHECK(server.receive_state() == 16);
}

TEST_CASE("the seam carries a TCP stream of blocks behind a cookie", "[seam][threads]") {
  constexpr std::size_t count = 40;
  TcpListener listener =
      TcpListener::open(Endpoint::loopback(IpVersion::v4), {.message_octets = cookie_octets});
  std::thread client([at = listener.local()] {
    auto connection = TcpConnection::connect(at, {}, in_good_time());
    const Octets first = cookie(), block = noise(block_octets, 1);
    const Bytes greeting(first);
    connection.send({&greeting, 1}, in_good_time());
    const std::vector<Bytes> blocks(count, block);
    connection.send(blocks, in_good_time());
    connection.finish(in_good_time());
    connection.receive(in_good_time());
  });
  auto server = listener.accept(in_good_time());
  REQUIRE(server);
  const ReceiveResult greeting = server->receive(in_good_time(), 1);
  REQUIRE(greeting.messages.size() == 1);
  CHECK(copy(greeting.messages[0].payload) == cookie());

  server->frame(block_octets);
  const auto blocks = receive_messages(*server, count);
  CHECK(blocks == std::vector<Octets>(count, noise(block_octets, 1)));
  CHECK(server->receive(in_good_time()).end == End::finished);
  server->finish(in_good_time());
  client.join();
}

TEST_CASE("the seam carries a UDP stream behind a hello and its reply", "[seam]") {
  const std::size_t sequence_octets = GENERATE(4, 8);
  constexpr std::size_t count = 200, datagram_octets = 1460;
  UdpSocket server = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  UdpSocket client = UdpSocket::open(Endpoint::loopback(IpVersion::v4));

  const Octets hello = octets_of("9876"), reply = octets_of("6789");
  const Bytes hello_message(hello), reply_message(reply);
  REQUIRE(client.send_to({&hello_message, 1}, server.local(), in_good_time()).accepted == 1);
  const ReceiveResult greeting = server.receive(in_good_time());
  REQUIRE(greeting.messages.size() == 1);
  CHECK(copy(greeting.messages[0].payload) == hello);
  const Endpoint peer = greeting.messages[0].source;
  REQUIRE(server.send_to({&reply_message, 1}, peer, in_good_time()).accepted == 1);
  const ReceiveResult answer = client.receive(in_good_time());
  REQUIRE(answer.messages.size() == 1);
  CHECK(answer.messages[0].source == server.local());

  // One slab and its views serve the whole stream; only headers are written anew.
  constexpr std::size_t batch_messages = 20;
  Octets slab(batch_messages * datagram_octets);
  std::vector<Bytes> batch;
  for (std::size_t i = 0; i < batch_messages; ++i) {
    batch.push_back(Bytes(slab).subspan(i * datagram_octets, datagram_octets));
  }
  std::uint64_t sequence = 0, expected = 0;
  while (sequence < count) {
    const auto sent = wall_now().time_since_epoch();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(sent);
    const auto rest = std::chrono::duration_cast<std::chrono::microseconds>(sent - seconds);
    for (std::size_t i = 0; i < batch_messages; ++i) {
      const auto header = std::span(slab).subspan(i * datagram_octets);
      put(header.subspan(0, 4), static_cast<std::uint64_t>(seconds.count()));
      put(header.subspan(4, 4), static_cast<std::uint64_t>(rest.count()));
      put(header.subspan(8, sequence_octets), ++sequence);
    }
    REQUIRE(client.send_to(batch, server.local(), in_good_time()).accepted == batch_messages);
    while (expected < sequence) {
      const ReceiveResult result = server.receive(in_good_time());
      REQUIRE(result.end == End::open);
      for (const Received& message : result.messages) {
        REQUIRE(message.payload.size() == datagram_octets);
        REQUIRE(message.source == peer);
        REQUIRE(get(message.payload.subspan(8, sequence_octets)) == ++expected);
      }
    }
  }
  CHECK(expected == count);
}
