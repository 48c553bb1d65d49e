#include "support/transport.hpp"

#include <stdexcept>

#include "netduel/transport/udp_socket.hpp"

namespace netduel::testing {

std::vector<IpVersion> ip_versions() {
  std::vector<IpVersion> versions{IpVersion::v4};
  try {
    UdpSocket::open(Endpoint::loopback(IpVersion::v6));
    versions.push_back(IpVersion::v6);
  } catch (const std::system_error&) {
    // No IPv6 here.
  }
  return versions;
}

TcpPair tcp_pair(const TcpOptions& client, const TcpOptions& server, IpVersion version) {
  TcpListener listener = TcpListener::open(Endpoint::loopback(version), server);
  TcpConnection connection = TcpConnection::connect(listener.local(), client, in_good_time());
  auto accepted = listener.accept(in_good_time());
  if (!accepted) throw std::runtime_error("nothing to accept");
  return {std::move(connection), std::move(*accepted)};
}

Octets receive_octets(TcpConnection& connection, std::size_t octets) {
  Octets all;
  while (all.size() < octets) {
    const ReceiveResult result = connection.receive(in_good_time());
    for (const Received& message : result.messages) {
      all.insert(all.end(), message.payload.begin(), message.payload.end());
    }
    if (result.end != End::open) break;
  }
  return all;
}

std::vector<Octets> receive_messages(TcpConnection& connection, std::size_t count) {
  std::vector<Octets> all;
  while (all.size() < count) {
    const ReceiveResult result = connection.receive(in_good_time());
    for (const Received& message : result.messages) all.push_back(copy(message.payload));
    if (result.end != End::open) break;
  }
  return all;
}

}  // namespace netduel::testing
