// Sends ten messages to a multicast group, 50 ms apart, marked with a hop limit and a DSCP.
#include <chrono>
#include <iostream>
#include <span>
#include <string>
#include <system_error>
#include <thread>

#include <netduel/transport/udp_socket.hpp>

using netduel::Bytes, netduel::Endpoint, netduel::UdpSocket;
using namespace std::chrono_literals;

int main(int argc, char** argv) try {
  const auto group = argc == 2 || argc == 3 ? Endpoint::parse(argv[1]) : std::nullopt;
  if (!group || !group->is_multicast() || group->port() == 0) {
    std::cerr << "usage: multicast_sender GROUP:PORT [INTERFACE]   as 239.1.2.3:5201 lo\n";
    return 2;
  }
  UdpSocket socket = UdpSocket::open(Endpoint::any(group->version()),
                                     {
                                         // No router passes it on.
                                         .multicast_hop_limit = 1,
                                         // Without a name the system chooses the interface.
                                         .multicast_interface = argc == 3 ? argv[2] : "",
                                         // AF41, for conferences (RFC 4594, section 4.3).
                                         .dscp = 34,
                                     });
  std::size_t sent = 0;
  auto due = std::chrono::steady_clock::now();
  for (int number = 1; number <= 10; ++number, due += 50ms) {
    std::this_thread::sleep_until(due);
    const std::string text = "message " + std::to_string(number);
    const Bytes message = std::as_bytes(std::span(text));
    const auto result = socket.send_to({&message, 1}, *group, due + 50ms);
    if (result.refused) throw std::system_error(result.refused, "send to " + group->to_string());
    sent += result.accepted;
  }
  std::cout << "Sent " << sent << " messages to " << group->to_string() << ".\n";
  return 0;
} catch (const std::system_error& error) {
  std::cerr << "multicast_sender: " << error.what() << "\n";
  return 1;
}
