#include "netduel/transport/udp_socket.hpp"

#include "os/datagram_io.hpp"
#include "os/ip_options.hpp"
#include "os/multicast.hpp"

namespace netduel {

UdpSocket UdpSocket::open(const Endpoint& local, const UdpOptions& options) {
  return UdpSocket(open_datagram_io(local, options));
}

UdpSocket::UdpSocket(std::unique_ptr<DatagramIo> io) : io_(std::move(io)) {}
UdpSocket::UdpSocket(UdpSocket&&) noexcept = default;
UdpSocket& UdpSocket::operator=(UdpSocket&&) noexcept = default;
UdpSocket::~UdpSocket() = default;

SendResult UdpSocket::send_to(std::span<const Bytes> batch, const Endpoint& to, Deadline deadline) {
  return io_->send_to(batch, to, deadline);
}

ReceiveResult UdpSocket::receive(Deadline deadline) {
  return io_->receive(deadline);
}

void UdpSocket::join(const MulticastMembership& membership) {
  os::join(io_->native_handle(), io_->local().version(), membership);
}

void UdpSocket::leave(const MulticastMembership& membership) {
  os::leave(io_->native_handle(), io_->local().version(), membership);
}

std::optional<std::size_t> UdpSocket::path_mtu_octets(const Endpoint& to) {
  return os::path_mtu_octets(to);
}

Endpoint UdpSocket::local() const {
  return io_->local();
}

SocketCounters UdpSocket::counters() const {
  return io_->counters();
}

NativeHandle UdpSocket::native_handle() const {
  return io_->native_handle();
}

}  // namespace netduel
