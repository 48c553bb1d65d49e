// Sends each further argument as one UDP message and tells how many the local stack took.
#include <chrono>
#include <iostream>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include <netduel/transport/udp_socket.hpp>

using netduel::Bytes, netduel::Endpoint, netduel::UdpSocket;
using namespace std::chrono_literals;

int main(int argc, char** argv) try {
  const auto to = argc > 2 ? Endpoint::parse(argv[1]) : std::nullopt;
  if (!to || to->port() == 0) {
    std::cerr << "usage: udp_sender HOST:PORT MESSAGE...   as 127.0.0.1:5201 or [::1]:5201\n";
    return 2;
  }
  // A batch holds views; the octets stay where they are, and many leave with one system call.
  std::vector<Bytes> batch;
  for (int i = 2; i < argc; ++i) {
    batch.push_back(std::as_bytes(std::span(std::string_view(argv[i]))));
  }

  // The wildcard address and port 0: the system chooses where the messages come from.
  UdpSocket socket = UdpSocket::open(Endpoint::any(to->version()));
  const auto deadline = std::chrono::steady_clock::now() + 1s;
  std::size_t sent = 0;
  std::error_code refusal;
  std::span<const Bytes> rest = batch;
  for (bool more = true; more;) {
    const auto result = socket.send_to(rest, *to, deadline);
    sent += result.accepted;
    rest = rest.subspan(result.accepted + result.refused_messages);
    // What is refused is lost, as any datagram may be; those behind it may fare better. Without a
    // refusal either all went or time is up.
    if (result.refused) refusal = result.refused;
    more = result.refused && !rest.empty();
  }
  if (!rest.empty()) refusal = std::make_error_code(std::errc::timed_out);

  std::cout << "Sent " << sent << " of " << batch.size() << " messages to " << to->to_string()
            << ".\n";
  if (refusal) throw std::system_error(refusal, "send to " + to->to_string());
  return 0;
} catch (const std::system_error& error) {
  std::cerr << "udp_sender: " << error.what() << "\n";
  return 1;
}
