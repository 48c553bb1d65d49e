#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "session/deadlines.hpp"
#include "session/processors.hpp"
#include "session/served_test.hpp"
#include "session/socket_options_of.hpp"
#include "transport/tcp_adopted.hpp"

// How a client's data streams are opened: as it connects, or says hello.

namespace netduel {
namespace {

using namespace std::chrono_literals;
using iperf3::State;

/// A stock client that opens no UDP stream keeps others of its address from doing so.
constexpr auto longest_hello = 3s;
constexpr auto longest_opening = 30s;

}  // namespace

bool ServedTest::lacks_streams(Transport transport) const {
  return creating_ && streams_ && record_.parameters.transport == transport &&
         opened() < streams_->connections_wanted();
}

/// Threads that other tests share stay where they are.
std::shared_ptr<StreamWorkers> ServedTest::workers_for(const TestParameters& parameters) const {
  if (!parameters.server_affinity) return host_.workers();
  const Place place{.processors = {*parameters.server_affinity},
                    .network = host_.workers()->place().network};
  return std::make_shared<StreamWorkers>(1, place);
}

asio::awaitable<void> ServedTest::create_streams() {
  const TestParameters& parameters = record_.parameters;
  const auto workers = workers_for(parameters);
  streams_ = std::make_unique<TestStreams>(parameters, Role::server, workers, host_.executor());
  streams_->set_path(host_.spec().path);
  if (host_.spec().clock_error) streams_->set_peer_clock_ahead(host_.spec().clock_error());
  const bool stock_udp = parameters.transport == Transport::udp && !parameters.netduel;
  const Deadline gate_by = deadline_in(120s);
  while (stock_udp && !holds_gate_) {
    holds_gate_ = host_.take_gate(record_.remote);
    if (holds_gate_) break;
    // Others of this address are at it: each takes a few round trips. The client may leave.
    const auto state = co_await channel_->try_read_state(deadline_in(5ms));
    if (state) co_await channel_->refuse_end(*state, by(longest_answer));
    if (std::chrono::steady_clock::now() > gate_by) throw ControlError("no turn came to open UDP");
  }
  creating_ = true;
  co_await channel_->write_state(State::create_streams, by(longest_answer));
  std::size_t before = 0;
  const std::chrono::nanoseconds patience = stock_udp ? longest_hello : longest_opening;
  Deadline deadline = by(patience);
  while (!streams_->complete()) {
    const auto state = co_await channel_->try_read_state(deadline_in(stock_udp ? 2ms : 10ms));
    if (state) {
      co_await channel_->refuse_end(*state, by(longest_answer));
      throw ControlError(
          fmt::format("the client said {} before all streams were open", iperf3::name_of(*state)));
    }
    if (!stopped_because_.empty()) throw ControlError(stopped_because_);
    answer_repeated_hellos();
    if (opened() > before) {
      before = opened();
      deadline = by(patience);
    }
    if (std::chrono::steady_clock::now() < deadline) continue;
    throw ControlError(fmt::format("the client opened {} of {} data streams and then no more",
                                   opened(), streams_->connections_wanted()));
  }
  if (holds_gate_) host_.leave_gate(record_.remote);
  holds_gate_ = false;
  creating_ = false;
}

std::size_t ServedTest::opened() const {
  return record_.parameters.transport == Transport::tcp ? connections_.size()
                                                        : streams_->connections();
}

/// Cookies may be read in another order than connections were made, and that order says which
/// stream is which. Whatever goes wrong, such as a lack of memory, ends this test only.
void ServedTest::take(TcpConnection connection, std::uint64_t serial) {
  try {
    auto shared = std::make_shared<TcpConnection>(std::move(connection));
    set_options(*shared, tcp_options_of(record_.parameters));
    connections_.emplace(serial, std::move(shared));
    if (opened() < streams_->connections_wanted()) return;
    for (const auto& [number, one] : connections_) streams_->add(one);
  } catch (const std::exception& error) {
    stopped_because_ = error.what();
  }
}

void ServedTest::take(const iperf3::Hello& hello, const Endpoint& from, const Endpoint& to) {
  const auto known = std::ranges::find(udp_peers_, from, &UdpPeer::peer);
  if (known != udp_peers_.end()) {
    answer(*known);
    return;
  }
  try {
    UdpOptions options = udp_options_of(record_.parameters);
    options.reuse_address = true;
    options.peer = from;
    const Opening opening{.host_before = os::host_totals(to.version())};
    auto socket = std::make_shared<UdpSocket>(UdpSocket::open(to, options));
    // Between binding and connecting it was open to all: what others have sent is theirs.
    struct Stray {
      iperf3::Hello hello;
      Endpoint from;
    };
    std::vector<Stray> strays;
    for (;;) {
      const ReceiveResult result = socket->receive(Deadline::min());
      for (const Received& received : result.messages) {
        const auto other = iperf3::decode_hello(received.payload);
        if (other && received.source != from) strays.push_back({*other, received.source});
      }
      if (result.end != End::open) break;
    }
    udp_peers_.push_back({socket, from, hello});
    answer(udp_peers_.back());
    streams_->add(socket, from, opening);
    for (const Stray& stray : strays) host_.hello(stray.hello, stray.from, to);
  } catch (const std::exception& error) {
    stopped_because_ = error.what();
  }
}

void ServedTest::answer(const UdpPeer& peer) {
  const auto reply = iperf3::encode_reply(peer.hello);
  const Bytes message(reply);
  (void)peer.socket->send_to({&message, 1}, peer.peer, Deadline::min());
}

/// The answer to a hello was lost, and the client says it again: to the stream's own socket.
void ServedTest::answer_repeated_hellos() {
  if (!record_.parameters.netduel) return;
  for (const UdpPeer& peer : udp_peers_) {
    for (;;) {
      const ReceiveResult result = peer.socket->receive(Deadline::min());
      for (const Received& received : result.messages) {
        const auto hello = iperf3::decode_hello(received.payload);
        if (hello && hello->cookie == record_.cookie) answer(peer);
      }
      if (result.end != End::open) break;
    }
  }
}

}  // namespace netduel
