#pragma once

#include <atomic>

#include <asio/ip/tcp.hpp>

#include "netduel/transport/tcp.hpp"
#include "os/asio_convert.hpp"
#include "os/owned_handle.hpp"
#include "os/stream.hpp"
#include "transport/stream_reader.hpp"
#include "transport/stream_writer.hpp"

namespace netduel {

/// What was asked for and granted when a socket was set up.
struct Buffers {
  BufferSize receive;
  BufferSize send;
};

/// The connection is set up through asio and then taken out of it: inside, each one would cost
/// three handles more and a wake-up of asio's own event loop with every segment.
struct TcpConnection::State {
  State(asio::ip::tcp::socket socket, const Buffers& buffers, const Endpoint& peer,
        std::size_t message_octets)
      : handle(socket.release()),
        receive_buffer(buffers.receive),
        send_buffer(buffers.send),
        local(os::local_endpoint(handle.get())),
        remote(peer),
        reader(handle.get(), remote, message_octets),
        writer(handle.get(), message_octets) {}

  /// Of a stream of which a read gave no octets: its error, or none for the peer's half-close.
  std::error_code why_ended(std::error_code read_error) const {
    if (aborted) return std::make_error_code(std::errc::connection_aborted);
    // The kernel tells of a reset once. When the sending half was told, this half reads an end; but
    // without our own half-close a connection ends only by failing.
    if (!read_error && !half_closed && !os::is_connected(handle.get())) {
      return std::make_error_code(std::errc::connection_reset);
    }
    return read_error;
  }

  os::OwnedHandle handle;
  BufferSize receive_buffer;
  BufferSize send_buffer;
  /// Kept, because the kernel forgets them when the connection ends.
  Endpoint local;
  Endpoint remote;
  StreamReader reader;
  StreamWriter writer;
  /// Both are read by the half that does not set them.
  std::atomic<bool> aborted{false};
  std::atomic<bool> half_closed{false};
};

/// Lets the library's other files at a connection's parts.
struct TcpInternals {
  static TcpConnection::State& of(TcpConnection& connection) { return *connection.state_; }
};

/// What `options` ask for, on a socket or an acceptor that is open. Buffers must be set before the
/// connection opens, for the window scale is agreed on then (RFC 7323, section 2).
template <class Socket>
Buffers set_up(Socket& socket, IpVersion version, const TcpOptions& options,
               const std::string& attempt) {
  const NativeHandle handle = socket.native_handle();
  os::close_on_exec(handle);
  const Buffers buffers{.receive = os::set_receive_buffer(handle, options.receive_buffer_octets),
                        .send = os::set_send_buffer(handle, options.send_buffer_octets)};
  os::set_tcp_options(handle, version, options);
  // Without stamps arrivals carry the time of the read, and say so.
  (void)os::enable_receive_stamps(handle);
  asio::error_code error;
  socket.non_blocking(true, error);
  os::throw_if(error, attempt);
  return buffers;
}

}  // namespace netduel
