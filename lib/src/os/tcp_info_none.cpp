#include "os/stream.hpp"

namespace netduel::os {

TcpInfo tcp_info(NativeHandle) {
  return {};
}

}  // namespace netduel::os
