#include <netinet/in.h>
#include <sys/socket.h>

#include "os/datagram_io.hpp"
#include "os/datagram_receive_linux.hpp"
#include "os/datagram_send_linux.hpp"
#include "os/ip_options.hpp"
#include "os/owned_handle.hpp"
#include "os/socket.hpp"

namespace netduel {
namespace {

class OpenSocket {
 public:
  OpenSocket(const Endpoint& local, const UdpOptions& options)
      : handle_(::socket(local.version() == IpVersion::v4 ? AF_INET : AF_INET6,
                         SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const bool v4 = local.version() == IpVersion::v4;
    const std::string attempt = "open a UDP socket at " + local.to_string();
    if (get() < 0) os::throw_last_error(attempt);
    const int on = 1;
    // Both report drops in this host's queueing discipline as ENOBUFS on the send itself.
    (void)setsockopt(get(), v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &on, sizeof on);
    if (!v4) (void)setsockopt(get(), SOL_IPV6, IPV6_V6ONLY, &on, sizeof on);
    os::set_udp_options(get(), local.version(), options);
    sockaddr_storage address{};
    const socklen_t length = os::to_sockaddr(local, address);
    if (::bind(get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
      os::throw_last_error(attempt);
    }
    // At once: until then the socket takes what others send.
    if (options.peer) os::connect_datagrams(get(), *options.peer);
  }

  NativeHandle get() const { return handle_.get(); }

 private:
  os::OwnedHandle handle_;
};

class LinuxDatagramIo final : public DatagramIo {
 public:
  LinuxDatagramIo(const Endpoint& local, const UdpOptions& options)
      : socket_(local, options),
        receive_buffer_(os::set_receive_buffer(socket_.get(), options.receive_buffer_octets)),
        send_buffer_(os::set_send_buffer(socket_.get(), options.send_buffer_octets)),
        sender_(socket_.get(), options),
        receiver_(socket_.get(), local.version(), options) {}

  SendResult send_to(std::span<const Bytes> batch, const Endpoint& to, Deadline deadline) override {
    return sender_.send_to(batch, to, deadline);
  }
  ReceiveResult receive(Deadline deadline) override { return receiver_.receive(deadline); }
  Endpoint local() const override { return os::local_endpoint(socket_.get()); }
  SocketCounters counters() const override {
    SocketCounters counters;
    counters.receive_buffer = receive_buffer_;
    counters.send_buffer = send_buffer_;
    sender_.count(counters);
    receiver_.count(counters);
    return counters;
  }
  NativeHandle native_handle() const override { return socket_.get(); }

 private:
  OpenSocket socket_;
  BufferSize receive_buffer_;
  BufferSize send_buffer_;
  os::DatagramSender sender_;
  os::DatagramReceiver receiver_;
};

}  // namespace

std::unique_ptr<DatagramIo> open_datagram_io_linux(const Endpoint& local,
                                                   const UdpOptions& options) {
  return std::make_unique<LinuxDatagramIo>(local, options);
}

std::unique_ptr<DatagramIo> open_datagram_io(const Endpoint& local, const UdpOptions& options) {
  return open_datagram_io_linux(local, options);
}

}  // namespace netduel
