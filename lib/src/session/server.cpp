#include "session/server.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/experimental/as_tuple.hpp>
#include <asio/post.hpp>
#include <asio/use_awaitable.hpp>

#include "os/answer.hpp"
#include "os/process_limits.hpp"
#include "session/server_core.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);
/// Of a connection that has not said what it is for; current iperf3 waits as long.
constexpr auto longest_greeting = 10s;
/// Of more silent connections than this the oldest are closed: a client's first words come at once.
constexpr std::size_t most_greetings = 768;
constexpr auto watch = 100ms;

}  // namespace

Server::Core::Door::Door(TcpListener listener, UdpSocket socket,
                         asio::posix::stream_descriptor listener_ready,
                         asio::posix::stream_descriptor socket_ready)
    : tcp(std::move(listener)),
      udp(std::move(socket)),
      tcp_ready(std::move(listener_ready)),
      udp_ready(std::move(socket_ready)) {}

Server::Core::Door::~Door() {
  // The handles stay the sockets' to close.
  tcp_ready.release();
  udp_ready.release();
}

Server::Core::Core(const ServerSpec& spec, ServerEvents events)
    : spec_(spec), events_(std::move(events)), port_(spec.port) {}

void Server::Core::listen() {
  if (spec_.address) {
    open_door(spec_.address->with_port(port_));
  } else {
    const bool v4 = spec_.ip_version != IpVersion::v6;
    const bool v6 = spec_.ip_version != IpVersion::v4;
    if (v4) open_door(Endpoint::any(IpVersion::v4, port_));
    try {
      if (v6) open_door(Endpoint::any(IpVersion::v6, port_));
    } catch (const std::system_error& error) {
      // A host without IPv6 serves by IPv4, unless IPv6 was asked for.
      if (!v4 || error.code() != std::errc::address_family_not_supported) throw;
    }
  }
  os::raise_handle_limit();
  workers_ = std::make_shared<StreamWorkers>(std::max(1u, std::thread::hardware_concurrency()),
                                             spec_.place);
}

void Server::Core::open_door(const Endpoint& at) {
  TcpOptions tcp_options;
  tcp_options.no_delay = true;
  TcpListener tcp = TcpListener::open(at, tcp_options);
  if (port_ == 0) port_ = tcp.local().port();
  UdpOptions options;
  options.reuse_address = true;
  options.packet_info = true;
  options.offload = false;
  UdpSocket udp = UdpSocket::open(at.with_port(port_), options);
  const NativeHandle tcp_handle = tcp.native_handle();
  const NativeHandle udp_handle = udp.native_handle();
  doors_.push_back(std::make_unique<Door>(std::move(tcp), std::move(udp),
                                          asio::posix::stream_descriptor(context_, tcp_handle),
                                          asio::posix::stream_descriptor(context_, udp_handle)));
}

std::vector<Endpoint> Server::Core::endpoints() const {
  std::vector<Endpoint> all;
  for (const auto& door : doors_) all.push_back(door->tcp.local());
  return all;
}

bool Server::Core::run(std::stop_token stop_token) {
  last_busy_ = std::chrono::steady_clock::now();
  for (const auto& door : doors_) {
    asio::co_spawn(context_, accept(*door), asio::detached);
    asio::co_spawn(context_, take_hellos(*door), asio::detached);
  }
  asio::co_spawn(context_, watch_idleness(), asio::detached);
  const std::stop_callback on_stop(stop_token,
                                   [this] { asio::post(context_, [this] { stop(); }); });
  context_.run();
  return !ended_by_idleness_;
}

/// What is waiting is woken and ends; the context's loop ends when nothing is left.
void Server::Core::stop() {
  if (stopping_) return;
  stopping_ = true;
  for (const auto& door : doors_) {
    door->tcp_ready.cancel();
    door->udp_ready.cancel();
  }
  for (ControlChannel* const channel : greeting_) channel->close();
  for (const auto& [cookie, test] : tests_) test->end("the server was stopped");
}

asio::awaitable<void> Server::Core::accept(Door& door) {
  while (!stopping_) {
    const auto [error] =
        co_await door.tcp_ready.async_wait(asio::posix::descriptor_base::wait_read, as_tuple);
    if (error || stopping_) co_return;
    bool out_of_handles = false;
    try {
      while (auto connection = door.tcp.accept(Deadline::min())) {
        asio::co_spawn(context_, greet(std::move(*connection), ++accepted_), asio::detached);
      }
    } catch (const std::system_error& failure) {
      events_.turned_away(failure.what());
      out_of_handles = true;
    }
    if (!out_of_handles) continue;
    asio::steady_timer pause(context_, 100ms);
    co_await pause.async_wait(as_tuple);
  }
}

/// A connection says by its cookie whether it begins a test or is a stream of one.
asio::awaitable<void> Server::Core::greet(TcpConnection connection, std::uint64_t serial) {
  auto channel = std::make_unique<ControlChannel>(context_.get_executor(), std::move(connection));
  // A closed one leaves the list as soon as its wait is over.
  if (greeting_.size() >= most_greetings) {
    const auto oldest = std::ranges::find_if(greeting_, &ControlChannel::open);
    if (oldest != greeting_.end()) (*oldest)->close();
  }
  const auto place = greeting_.insert(greeting_.end(), channel.get());
  const Endpoint from = channel->connection().remote();
  std::optional<std::string> cookie;
  std::string trouble = "what it sent is no cookie of iperf3";
  try {
    const auto octets =
        co_await channel->read(iperf3::cookie_octets, std::chrono::steady_clock::now() +
                                                          longest_greeting + spec_.path.patience);
    cookie = iperf3::decode_cookie(octets);
  } catch (const std::exception& error) {
    trouble = error.what();
  }
  greeting_.erase(place);
  if (stopping_) co_return;
  if (!cookie) {
    events_.turned_away(from.to_string() + ": " + trouble);
    co_return;
  }
  const auto known = tests_.find(*cookie);
  if (known != tests_.end() && known->second->lacks_streams(Transport::tcp)) {
    known->second->take(channel->release(), serial);
    co_return;
  }
  const bool busy = (spec_.most_tests > 0 && tests_.size() >= spec_.most_tests) ||
                    (spec_.one_off && !tests_.empty());
  if (known != tests_.end() || busy) {
    events_.turned_away(from.to_string() +
                        (busy ? ": the server is busy" : ": its cookie is that of a running test"));
    try {
      co_await channel->write_state(iperf3::State::access_denied,
                                    std::chrono::steady_clock::now() + 1s);
    } catch (const std::exception&) {
      // It has gone, which is what it was told to.
    }
    co_return;
  }
  auto test = std::make_shared<ServedTest>(*this, std::move(channel), *cookie);
  tests_.emplace(*cookie, test);
  co_await run_test(test);
}

asio::awaitable<void> Server::Core::run_test(std::shared_ptr<ServedTest> test) {
  co_await test->run();
  tests_.erase(test->cookie());
  last_busy_ = std::chrono::steady_clock::now();
  events_.ended(test->record());
  if (spec_.one_off) stop();
}

/// Whatever one of them does, those that come later are read.
asio::awaitable<void> Server::Core::take_hellos(Door& door) {
  while (!stopping_) {
    const auto [error] =
        co_await door.udp_ready.async_wait(asio::posix::descriptor_base::wait_read, as_tuple);
    if (error || stopping_) co_return;
    bool failed = false;
    try {
      read_hellos(door);
    } catch (const std::exception& failure) {
      events_.turned_away(failure.what());
      failed = true;
    }
    if (!failed) continue;
    asio::steady_timer pause(context_, 100ms);
    co_await pause.async_wait(as_tuple);
  }
}

void Server::Core::read_hellos(Door& door) {
  for (;;) {
    const ReceiveResult result = door.udp.receive(Deadline::min());
    for (const Received& received : result.messages) {
      answer_clock(door, received);
      const auto greeting = iperf3::decode_hello(received.payload);
      if (!greeting) continue;
      hello(*greeting, received.source, asked_at(door, received));
    }
    if (result.end != End::open) return;
  }
}

/// Only the host that a test's control connection comes from can open its streams: else a forged
/// hello could turn a stream on somebody else.
void Server::Core::hello(const iperf3::Hello& hello, const Endpoint& from, const Endpoint& to) {
  for (const auto& [cookie, test] : tests_) {
    const bool same_host = test->client().with_port(0) == from.with_port(0);
    const bool meant = hello.cookie ? *hello.cookie == cookie : test->holds_gate();
    if (same_host && meant && test->lacks_streams(Transport::udp)) {
      test->take(hello, from, to);
      return;
    }
  }
}

/// The address of this host that a datagram was sent to, which its answer has to come from.
Endpoint Server::Core::asked_at(const Door& door, const Received& asked) const {
  const bool told = asked.packet != nullptr && asked.packet->destination.has_value();
  return told ? asked.packet->destination->with_port(port_) : door.udp.local();
}

void Server::Core::answer_clock(Door& door, const Received& asked) {
  auto exchange = iperf3::decode_clock_request(asked.payload);
  if (!exchange) return;
  const auto test = tests_.find(exchange->cookie);
  if (test == tests_.end()) return;
  if (test->second->client().with_port(0) != asked.source.with_port(0)) return;
  const auto error = spec_.clock_error ? spec_.clock_error() : 0ns;
  exchange->received = asked.arrived + error;
  exchange->answered = wall_now() + error;
  const auto answer = iperf3::encode_clock_answer(*exchange);
  os::send_from(door.udp.native_handle(), answer, asked_at(door, asked), asked.source);
}

bool Server::Core::take_gate(const Endpoint& address) {
  return gates_.insert(address.address_to_string()).second;
}

void Server::Core::leave_gate(const Endpoint& address) {
  gates_.erase(address.address_to_string());
}

asio::awaitable<void> Server::Core::watch_idleness() {
  if (spec_.idle_timeout <= 0ns) co_return;
  asio::steady_timer timer(context_);
  while (!stopping_) {
    timer.expires_after(watch);
    co_await timer.async_wait(as_tuple);
    const auto now = std::chrono::steady_clock::now();
    if (!tests_.empty()) last_busy_ = now;
    if (now - last_busy_ < spec_.idle_timeout) continue;
    ended_by_idleness_ = true;
    stop();
  }
}

Server::Server(const ServerSpec& spec, ServerEvents events)
    : core_(std::make_shared<Core>(spec, std::move(events))) {
  core_->listen();
}

Server::~Server() = default;

std::uint16_t Server::port() const {
  return core_->port();
}

std::vector<Endpoint> Server::endpoints() const {
  return core_->endpoints();
}

bool Server::run(std::stop_token stop) {
  return core_->run(std::move(stop));
}

}  // namespace netduel
