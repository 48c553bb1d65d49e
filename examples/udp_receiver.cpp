// Prints UDP messages as they come; ends after 100 of them, or 3 seconds without any.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>
#include <system_error>

#include <netduel/transport/udp_socket.hpp>

using netduel::Bytes, netduel::End, netduel::Endpoint, netduel::Received, netduel::UdpSocket;
using namespace std::chrono_literals;

constexpr std::size_t enough = 100;
constexpr auto silence = 3s;

/// The octets as text that a terminal can't take for commands.
std::string printable(Bytes octets) {
  std::string text(octets.size(), '?');
  std::ranges::transform(octets, text.begin(), [](std::byte octet) {
    const char c = static_cast<char>(octet);
    return c >= ' ' && c <= '~' ? c : '?';
  });
  return text;
}

int main(int argc, char** argv) try {
  const auto local = argc == 2 ? Endpoint::parse(argv[1]) : std::nullopt;
  if (!local) {
    std::cerr << "usage: udp_receiver HOST:PORT   as 0.0.0.0:5201 or [::]:5201; port 0: any\n";
    return 2;
  }
  UdpSocket socket = UdpSocket::open(*local);
  std::cout << "Listening at " << socket.local().to_string() << "." << std::endl;

  std::size_t count = 0;
  while (count < enough) {
    const auto result = socket.receive(std::chrono::steady_clock::now() + silence);
    if (result.end == End::failed) throw std::system_error(result.error, "receive");
    if (result.end == End::timed_out) break;
    // All that was there, in views which hold until the next receive.
    for (const Received& message : result.messages) {
      std::cout << message.payload.size() << " octets from " << message.source.to_string() << ": "
                << printable(message.payload) << "\n";
    }
    count += result.messages.size();
  }
  // Whatever came while this program was too slow was dropped by the kernel, and counted there.
  std::cout << "Received " << count << " messages; "
            << socket.counters().receive_queue_drops.value_or(0) << " found the buffer full.\n";
  return 0;
} catch (const std::system_error& error) {
  std::cerr << "udp_receiver: " << error.what() << "\n";
  return 1;
}
