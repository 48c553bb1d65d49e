#include <asio/io_context.hpp>
#include <asio/ip/v6_only.hpp>

#include "netduel/transport/tcp.hpp"
#include "os/wait.hpp"
#include "transport/tcp_state.hpp"

namespace netduel {
namespace {

using Tcp = asio::ip::tcp;

/// accept(2): on Linux it also passes on what went wrong on the way with one connection, and that
/// is no reason to stop waiting for others.
bool belongs_to_one_connection(const std::error_code& error) {
  return error == std::errc::connection_aborted || error == std::errc::protocol_error ||
         error == std::errc::network_down || error == std::errc::network_unreachable ||
         error == std::errc::host_unreachable || error == std::errc::no_protocol_option ||
         error == std::errc::operation_not_supported || error == std::errc::timed_out ||
         error == std::errc::operation_not_permitted;
}

}  // namespace

struct TcpListener::State {
  asio::io_context context{1};
  Tcp::acceptor acceptor{context};
  TcpOptions options;
  Endpoint local;
  std::string attempt;
};

TcpListener TcpListener::open(const Endpoint& local, const TcpOptions& options) {
  const std::string attempt = "listen at " + local.to_string();
  check_framing(options.message_octets);
  auto state = std::make_unique<State>();
  Tcp::acceptor& acceptor = state->acceptor;
  asio::error_code error;
  acceptor.open(os::protocol_of<Tcp>(local), error);
  os::throw_if(error, attempt);
  // Connections that are still in TIME-WAIT must not keep the next run from its port.
  acceptor.set_option(Tcp::acceptor::reuse_address(true), error);
  os::throw_if(error, attempt);
  if (local.version() == IpVersion::v6) acceptor.set_option(asio::ip::v6_only(true), error);
  os::throw_if(error, attempt);
  set_up(acceptor, local.version(), options, attempt);
  acceptor.bind(os::to_asio<Tcp>(local), error);
  os::throw_if(error, attempt);
  acceptor.listen(Tcp::acceptor::max_listen_connections, error);
  os::throw_if(error, attempt);
  state->options = options;
  state->local = os::local_endpoint(acceptor.native_handle());
  state->attempt = "accept at " + state->local.to_string();
  return TcpListener(std::move(state));
}

TcpListener::TcpListener(std::unique_ptr<State> state) : state_(std::move(state)) {}
TcpListener::TcpListener(TcpListener&&) noexcept = default;
TcpListener& TcpListener::operator=(TcpListener&&) noexcept = default;
TcpListener::~TcpListener() = default;

std::optional<TcpConnection> TcpListener::accept(Deadline deadline) {
  for (;;) {
    Tcp::socket socket(state_->context);
    Tcp::endpoint peer;
    asio::error_code error;
    state_->acceptor.accept(socket, peer, error);
    if (!error) {
      const Buffers buffers =
          set_up(socket, state_->local.version(), state_->options, state_->attempt);
      return TcpConnection(std::make_unique<TcpConnection::State>(
          std::move(socket), buffers, os::from_asio(peer), state_->options.message_octets));
    }
    const std::error_code why = os::from_asio_error(error);
    if (why == std::errc::operation_would_block) {
      if (!os::wait_readable(state_->acceptor.native_handle(), deadline)) return std::nullopt;
    } else if (!belongs_to_one_connection(why)) {
      throw std::system_error(why, state_->attempt);
    }
  }
}

Endpoint TcpListener::local() const {
  return state_->local;
}

NativeHandle TcpListener::native_handle() const {
  return state_->acceptor.native_handle();
}

}  // namespace netduel
