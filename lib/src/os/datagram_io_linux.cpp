#include <cerrno>

#include <netinet/in.h>
#include <unistd.h>

#include "os/datagram_io.hpp"
#include "os/datagram_receive_linux.hpp"
#include "os/datagram_send_linux.hpp"
#include "os/socket.hpp"

namespace netduel {
namespace {

/// Closes the handle also when a constructor after it throws.
class OpenSocket {
 public:
  explicit OpenSocket(const Endpoint& local) {
    const bool v4 = local.version() == IpVersion::v4;
    const std::string attempt = "open a UDP socket at " + local.to_string();
    handle_ = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (handle_ < 0) os::throw_last_error(attempt);
    const int on = 1;
    // Both report drops in this host's queueing discipline as ENOBUFS on the send itself.
    (void)setsockopt(handle_, v4 ? SOL_IP : SOL_IPV6, v4 ? IP_RECVERR : IPV6_RECVERR, &on,
                     sizeof on);
    if (!v4) (void)setsockopt(handle_, SOL_IPV6, IPV6_V6ONLY, &on, sizeof on);
    sockaddr_storage address{};
    const socklen_t length = os::to_sockaddr(local, address);
    if (::bind(handle_, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
      const int error = errno;
      ::close(handle_);
      errno = error;
      os::throw_last_error(attempt);
    }
  }
  ~OpenSocket() { ::close(handle_); }
  OpenSocket(const OpenSocket&) = delete;
  OpenSocket& operator=(const OpenSocket&) = delete;

  NativeHandle get() const { return handle_; }

 private:
  NativeHandle handle_ = -1;
};

class LinuxDatagramIo final : public DatagramIo {
 public:
  LinuxDatagramIo(const Endpoint& local, const UdpOptions& options)
      : socket_(local),
        receive_buffer_(os::set_receive_buffer(socket_.get(), options.receive_buffer_octets)),
        send_buffer_(os::set_send_buffer(socket_.get(), options.send_buffer_octets)),
        sender_(socket_.get(), options.offload),
        receiver_(socket_.get(), options.offload) {}

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
