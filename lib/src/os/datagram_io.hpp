#pragma once

#include <memory>
#include <span>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel {

/// How batches of datagrams pass between memory and the kernel, per platform. The contract is
/// UdpSocket's, word for word; tests/os/datagram_io_test.cpp holds every engine to it.
class DatagramIo {
 public:
  virtual ~DatagramIo() = default;
  virtual SendResult send_to(std::span<const Bytes> batch, const Endpoint& to,
                             Deadline deadline) = 0;
  virtual ReceiveResult receive(Deadline deadline) = 0;
  virtual Endpoint local() const = 0;
  virtual SocketCounters counters() const = 0;
  virtual NativeHandle native_handle() const = 0;
};

/// What becomes of a batch that isn't for the peer of a connected socket.
inline SendResult refuse_other_than_peer(std::span<const Bytes> batch) {
  if (batch.empty()) return {};
  return {.accepted = 0,
          .refused_messages = 1,
          .refused = std::make_error_code(std::errc::already_connected)};
}

/// sendmmsg/recvmmsg with UDP_SEGMENT, UDP_GRO and kernel stamps; only on Linux.
std::unique_ptr<DatagramIo> open_datagram_io_linux(const Endpoint& local,
                                                   const UdpOptions& options);
/// One datagram a call through asio; everywhere.
std::unique_ptr<DatagramIo> open_datagram_io_portable(const Endpoint& local,
                                                      const UdpOptions& options);
/// The platform's best: CMake picks the file that defines it.
std::unique_ptr<DatagramIo> open_datagram_io(const Endpoint& local, const UdpOptions& options);

}  // namespace netduel
