#include "session/client_streams.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "os/socket.hpp"
#include "os/wait.hpp"
#include "session/deadlines.hpp"
#include "session/socket_options_of.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;
using iperf3::State;
using Clock = std::chrono::steady_clock;

/// Stock clients wait as long.
constexpr auto longest_hello = 30s;
/// A hello is said again after this, then after twice as long, and so on.
constexpr auto first_repetition = 100ms;
constexpr auto longest_repetition = 1s;
constexpr auto look_again = 5ms;
/// One octet more than any has, so that what is longer shows.
constexpr std::size_t longest_reply = 4 + iperf3::cookie_octets + 1;

}  // namespace

Task<void> ClientStreams::open(TestStreams& streams) {
  if (parameters_.transport == Transport::tcp) {
    while (!streams.complete()) open_tcp(streams);
    co_return;
  }
  while (!streams.complete()) co_await open_udp(streams);
}

std::optional<Endpoint> ClientStreams::local(std::size_t index) const {
  if (!spec_.local && spec_.first_port == 0) return std::nullopt;
  const Endpoint address = spec_.local.value_or(Endpoint::any(spec_.server.version()));
  const bool chosen = spec_.first_port != 0;
  return address.with_port(chosen ? static_cast<std::uint16_t>(spec_.first_port + index)
                                  : std::uint16_t{0});
}

void ClientStreams::open_tcp(TestStreams& streams) {
  TcpOptions options = tcp_options_of(parameters_);
  options.interface = spec_.interface;
  const auto before = Clock::now();
  const Deadline deadline = deadline_in(spec_.connect_timeout);
  const auto from = local(streams.connections());
  auto connection = std::make_shared<TcpConnection>(
      from ? TcpConnection::connect(*from, spec_.server, options, deadline, stop_)
           : TcpConnection::connect(spec_.server, options, deadline, stop_));
  const auto setup = Clock::now() - before;
  const auto cookie = iperf3::encode_cookie(spec_.cookie);
  const Bytes message(cookie);
  const SendResult sent = connection->send({&message, 1}, deadline);
  if (sent.accepted != 1) throw std::system_error(sent.refused, "open a data stream");
  streams.add(std::move(connection), setup);
}

Task<void> ClientStreams::open_udp(TestStreams& streams) {
  UdpOptions options = udp_options_of(parameters_);
  options.interface = spec_.interface;
  options.peer = spec_.server;
  const Endpoint from =
      local(streams.connections()).value_or(Endpoint::any(spec_.server.version()));
  const auto host_before = os::host_totals(spec_.server.version());
  const auto before = Clock::now();
  auto socket = std::make_shared<UdpSocket>(UdpSocket::open(from, options));
  const auto setup = Clock::now() - before;
  co_await say_hello(*socket);
  streams.add(std::move(socket), spec_.server, {.setup = setup, .host_before = host_before});
}

/// Until it is answered: to netduel again and again, as on a lossy path it or its answer may be
/// lost; to a stock server once, which would take a second one for data.
Task<void> ClientStreams::say_hello(UdpSocket& socket) {
  const bool repeats = parameters_.netduel.has_value();
  iperf3::Hello hello;
  if (repeats) hello.cookie = spec_.cookie;
  const auto octets = iperf3::encode(hello);
  const Bytes message(octets);
  const Deadline latest = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                             longest_hello + spec_.path.patience);
  Clock::duration pause = first_repetition;
  Deadline next{};
  while (Clock::now() < latest && !stop_.stop_requested()) {
    if (Clock::now() >= next) {
      const SendResult sent = socket.send_to({&message, 1}, spec_.server, latest);
      if (sent.refused) throw std::system_error(sent.refused, "open a UDP stream");
      next = repeats ? Clock::now() + pause : Deadline::max();
      pause = std::min<Clock::duration>(2 * pause, longest_repetition);
    }
    // The server may have something to say in place of the answer.
    const auto state = co_await control_.try_read_state(Clock::now());
    if (state == State::test_start) {
      has_seen_start_ = true;
      co_return;
    }
    if (state) {
      co_await control_.refuse_end(*state, latest);
      throw ControlError("the server said " + iperf3::name_of(*state) +
                         " while the streams were opened");
    }
    if (!os::wait_readable(socket.native_handle(), Clock::now() + look_again)) continue;
    // A stock server's first messages may be right behind it, and are the stream's to read.
    std::array<std::byte, longest_reply> answer{};
    const auto received = os::receive_one(socket.native_handle(), answer);
    if (received && iperf3::is_reply(Bytes(answer).first(*received), hello)) co_return;
  }
  if (stop_.stop_requested()) throw ControlError("interrupted");
  throw ControlError(
      "the server did not answer the hello of a UDP stream in 30 s: its UDP port may be closed or "
      "filtered on the way");
}

}  // namespace netduel
