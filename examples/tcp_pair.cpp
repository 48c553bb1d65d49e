// A TCP listener and a client in one program: framed messages one way, a half-close, and an answer.
#include <chrono>
#include <future>
#include <iostream>
#include <system_error>
#include <vector>

#include <netduel/transport/tcp.hpp>

using namespace netduel;
using namespace std::chrono_literals;

// A stream knows octets; this framing makes messages of one length of them, at both ends.
const TcpOptions framed{.message_octets = 1000};
const Deadline deadline = std::chrono::steady_clock::now() + 5s;
const auto too_late = std::make_error_code(std::errc::timed_out);

/// Counts whole messages until the peer's half-close.
std::size_t count_messages(TcpConnection& connection) {
  for (std::size_t count = 0;;) {
    const auto result = connection.receive(deadline);
    for (const Received& message : result.messages) count += message.truncated ? 0 : 1;
    if (result.end == End::finished) return count;
    if (result.end == End::failed) throw std::system_error(result.error, "receive");
    if (result.end == End::timed_out) throw std::system_error(too_late, "receive");
  }
}

void send_and_finish(TcpConnection& connection, std::span<const Bytes> messages) {
  const auto result = connection.send(messages, deadline);
  if (result.refused) throw std::system_error(result.refused, "send");
  // A half-close: the other end may still send, and we receive it.
  if (!connection.finish(deadline)) throw std::system_error(too_late, "send");
}

int main(int argc, char** argv) try {
  const auto local = Endpoint::parse(argc == 2 ? argv[1] : "127.0.0.1:0");
  if (argc > 2 || !local || local->is_unspecified()) {
    std::cerr << "usage: tcp_pair [HOST:PORT]   an address of this host, as 127.0.0.1:0\n";
    return 2;
  }
  TcpListener listener = TcpListener::open(*local, framed);
  std::vector<std::byte> octets(framed.message_octets);
  auto server = std::async(std::launch::async, [&] {
    auto connection = listener.accept(deadline);
    if (!connection) throw std::system_error(too_late, "accept");
    const std::size_t count = count_messages(*connection);
    send_and_finish(*connection, std::array{Bytes(octets)});
    return count;
  });
  TcpConnection client = TcpConnection::connect(listener.local(), framed, deadline);
  send_and_finish(client, std::vector<Bytes>(5000, octets));
  const std::size_t answers = count_messages(client);
  std::cout << "Server: received " << server.get() << " messages, sent 1.\n"
            << "Client: sent 5000, received " << answers << ".\n";
} catch (const std::system_error& error) {
  std::cerr << "tcp_pair: " << error.what() << "\n";
  return 1;
}
