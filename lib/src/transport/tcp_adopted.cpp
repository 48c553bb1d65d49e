#include "transport/tcp_adopted.hpp"

#include "transport/tcp_state.hpp"

namespace netduel {

void set_options(TcpConnection& connection, const TcpOptions& options) {
  check_framing(options.message_octets);
  auto& state = TcpInternals::of(connection);
  const NativeHandle handle = state.handle.get();
  if (options.receive_buffer_octets) {
    state.receive_buffer = os::set_receive_buffer(handle, options.receive_buffer_octets);
  }
  if (options.send_buffer_octets) {
    state.send_buffer = os::set_send_buffer(handle, options.send_buffer_octets);
  }
  os::set_tcp_options(handle, state.local.version(), options);
  state.reader.frame(options.message_octets);
}

}  // namespace netduel
