#include <stop_token>
#include <utility>

#include <asio/io_context.hpp>
#include <asio/ip/v6_only.hpp>

#include "netduel/transport/tcp.hpp"
#include "transport/tcp_state.hpp"

namespace netduel {
namespace {

using Tcp = asio::ip::tcp;

Buffers open_socket(Tcp::socket& socket, const std::optional<Endpoint>& from, const Endpoint& to,
                    const TcpOptions& options, const std::string& attempt) {
  asio::error_code error;
  socket.open(os::protocol_of<Tcp>(to), error);
  os::throw_if(error, attempt);
  // Else an IPv4 address in IPv6's form would be connected to by IPv4, without the options that
  // are set for IPv6.
  if (to.version() == IpVersion::v6) socket.set_option(asio::ip::v6_only(true), error);
  os::throw_if(error, attempt);
  const Buffers buffers = set_up(socket, to.version(), options, attempt);
  if (!from) return buffers;
  socket.bind(os::to_asio<Tcp>(*from), error);
  os::throw_if(error, attempt);
  return buffers;
}

/// asio's own synchronous connect waits without end, also on a non-blocking socket.
std::error_code connect_by(Deadline deadline, std::stop_token stop, asio::io_context& context,
                           Tcp::socket& socket, const Endpoint& to) {
  std::optional<asio::error_code> outcome;
  socket.async_connect(os::to_asio<Tcp>(to),
                       [&outcome](const asio::error_code& error) { outcome = error; });
  context.poll();
  if (!outcome) {
    const std::stop_callback on_stop(stop, [&context] { context.stop(); });
    context.run_until(deadline);
  }
  if (!outcome) {
    return std::make_error_code(stop.stop_requested() ? std::errc::operation_canceled
                                                      : std::errc::timed_out);
  }
  // Where nobody listens on a port of this host, the kernel may choose that very port for our
  // side, and the socket then connects to itself (RFC 9293, section 3.5: simultaneous open).
  if (!*outcome && os::local_endpoint(socket.native_handle()) == to) {
    return std::make_error_code(std::errc::connection_refused);
  }
  return os::from_asio_error(*outcome);
}

}  // namespace

TcpConnection TcpConnection::connect(const Endpoint& to, const TcpOptions& options,
                                     Deadline deadline, std::stop_token stop) {
  return connect_from(std::nullopt, to, options, deadline, std::move(stop));
}

TcpConnection TcpConnection::connect(const Endpoint& from, const Endpoint& to,
                                     const TcpOptions& options, Deadline deadline,
                                     std::stop_token stop) {
  return connect_from(from, to, options, deadline, std::move(stop));
}

TcpConnection TcpConnection::connect_from(const std::optional<Endpoint>& from, const Endpoint& to,
                                          const TcpOptions& options, Deadline deadline,
                                          std::stop_token stop) {
  const std::string attempt =
      "connect to " + to.to_string() + (from ? " from " + from->to_string() : "");
  check_framing(options.message_octets);
  asio::io_context context(1);
  Tcp::socket socket(context);
  const Buffers buffers = open_socket(socket, from, to, options, attempt);
  if (const auto error = connect_by(deadline, std::move(stop), context, socket, to)) {
    throw std::system_error(error, attempt);
  }
  return TcpConnection(
      std::make_unique<State>(std::move(socket), buffers, to, options.message_octets));
}

TcpConnection::TcpConnection(std::unique_ptr<State> state) : state_(std::move(state)) {}
TcpConnection::TcpConnection(TcpConnection&&) noexcept = default;
TcpConnection& TcpConnection::operator=(TcpConnection&&) noexcept = default;
TcpConnection::~TcpConnection() = default;

SendResult TcpConnection::send(std::span<const Bytes> batch, Deadline deadline) {
  SendResult result = state_->writer.send(batch, deadline);
  if (result.refused && state_->aborted) {
    result.refused = std::make_error_code(std::errc::connection_aborted);
  }
  return result;
}

ReceiveResult TcpConnection::receive(Deadline deadline, std::size_t most_messages) {
  ReceiveResult result = state_->reader.receive(deadline, most_messages);
  if (state_->aborted) {
    return {.messages = {},
            .end = End::failed,
            .error = std::make_error_code(std::errc::connection_aborted)};
  }
  if (result.end != End::finished) return result;
  result.error = state_->why_ended({});
  if (result.error) result.end = End::failed;
  return result;
}

void TcpConnection::frame(std::size_t message_octets) {
  check_framing(message_octets);
  state_->reader.frame(message_octets);
}

bool TcpConnection::finish(Deadline deadline) {
  if (!state_->writer.flush(deadline)) return false;
  const NativeHandle handle = state_->handle.get();
  state_->half_closed = os::is_connected(handle);
  os::half_close(handle);
  return true;
}

void TcpConnection::abort() {
  state_->aborted = true;
  os::reset_connection(state_->handle.get());
}

TcpInfo TcpConnection::info() const {
  return os::tcp_info(state_->handle.get());
}

SocketCounters TcpConnection::counters() const {
  const NativeHandle handle = state_->handle.get();
  SocketCounters counters;
  counters.receive_buffer = state_->receive_buffer;
  counters.send_buffer = state_->send_buffer;
  // Where no size was asked for, the kernel changes it as the connection goes.
  counters.receive_buffer.granted_octets =
      os::set_receive_buffer(handle, std::nullopt).granted_octets;
  counters.send_buffer.granted_octets = os::set_send_buffer(handle, std::nullopt).granted_octets;
  counters.largest_super_packet_octets = state_->writer.largest_write_octets();
  return counters;
}

Endpoint TcpConnection::local() const {
  return state_->local;
}

Endpoint TcpConnection::remote() const {
  return state_->remote;
}

NativeHandle TcpConnection::native_handle() const {
  return state_->handle.get();
}

}  // namespace netduel
