// Joins a multicast group and tells of each message where it was sent to and how it was marked;
// ends after ten messages, or 3 seconds without any.
#include <chrono>
#include <iostream>
#include <optional>
#include <system_error>

#include <netduel/transport/udp_socket.hpp>

using netduel::End, netduel::Endpoint, netduel::PacketInfo, netduel::Received, netduel::UdpSocket;
using namespace std::chrono_literals;

constexpr std::size_t enough = 10;
constexpr auto silence = 3s;

/// What a header said, or that the platform can't tell.
void print(const char* what, std::optional<std::uint8_t> value) {
  std::cout << ", " << what << " " << (value ? std::to_string(*value) : "unknown");
}

int main(int argc, char** argv) try {
  const auto group = argc >= 2 && argc <= 4 ? Endpoint::parse(argv[1]) : std::nullopt;
  const auto source = argc == 4 ? Endpoint::parse(argv[3]) : std::nullopt;
  if (!group || !group->is_multicast() || (argc == 4 && !source)) {
    std::cerr << "usage: multicast_receiver GROUP:PORT [INTERFACE [SOURCE]]   as 239.1.2.3:5201 lo"
                 " 127.0.0.1\n";
    return 2;
  }
  // Others in this host may receive the same group at the same port.
  UdpSocket socket = UdpSocket::open(Endpoint::any(group->version(), group->port()),
                                     {.reuse_address = true, .packet_info = true});
  // With a source, messages of others to this group don't come through (RFC 4607).
  socket.join({.group = *group, .interface = argc > 2 ? argv[2] : "", .source = source});
  std::cout << "Listening to " << group->with_port(socket.local().port()).to_string() << "."
            << std::endl;

  std::size_t count = 0;
  while (count < enough) {
    const auto result = socket.receive(std::chrono::steady_clock::now() + silence);
    if (result.end == End::failed) throw std::system_error(result.error, "receive");
    if (result.end == End::timed_out) break;
    for (const Received& message : result.messages) {
      const PacketInfo packet = message.packet != nullptr ? *message.packet : PacketInfo{};
      std::cout << message.payload.size() << " octets from " << message.source.to_string() << " to "
                << (packet.destination ? packet.destination->to_string() : "unknown");
      print("hop limit", packet.hop_limit);
      print("DSCP", packet.dscp);
      std::cout << "\n";
    }
    count += result.messages.size();
  }
  std::cout << "Received " << count << " messages.\n";
  return 0;
} catch (const std::system_error& error) {
  std::cerr << "multicast_receiver: " << error.what() << "\n";
  return 1;
}
