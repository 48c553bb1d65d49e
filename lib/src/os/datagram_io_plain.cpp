#include "os/datagram_io.hpp"

namespace netduel {

std::unique_ptr<DatagramIo> open_datagram_io(const Endpoint& local, const UdpOptions& options) {
  return open_datagram_io_portable(local, options);
}

}  // namespace netduel
