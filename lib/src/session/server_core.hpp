#pragma once

#include <list>
#include <map>
#include <set>

#include <asio/awaitable.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/steady_timer.hpp>

#include "netduel/transport/udp_socket.hpp"
#include "session/served_test.hpp"
#include "session/server.hpp"

namespace netduel {

/// A server's listeners, and which test a connection or a hello belongs to. One thread.
class Server::Core : public TestHost {
 public:
  Core(const ServerSpec& spec, ServerEvents events);

  void listen();
  std::uint16_t port() const { return port_; }
  std::vector<Endpoint> endpoints() const;
  bool run(std::stop_token stop);

 private:
  struct Door {
    TcpListener tcp;
    UdpSocket udp;
    asio::posix::stream_descriptor tcp_ready;
    asio::posix::stream_descriptor udp_ready;
    Door(TcpListener listener, UdpSocket socket, asio::posix::stream_descriptor listener_ready,
         asio::posix::stream_descriptor socket_ready);
    ~Door();
  };

  void open_door(const Endpoint& at);
  asio::awaitable<void> accept(Door& door);
  asio::awaitable<void> take_hellos(Door& door);
  void read_hellos(Door& door);
  asio::awaitable<void> greet(TcpConnection connection, std::uint64_t serial);
  asio::awaitable<void> run_test(std::shared_ptr<ServedTest> test);
  asio::awaitable<void> watch_idleness();
  Endpoint asked_at(const Door& door, const Received& asked) const;
  void answer_clock(Door& door, const Received& asked);
  void stop();

  // TestHost
  const ServerSpec& spec() const override { return spec_; }
  const std::shared_ptr<StreamWorkers>& workers() const override { return workers_; }
  asio::any_io_executor executor() override { return context_.get_executor(); }
  bool take_gate(const Endpoint& address) override;
  void leave_gate(const Endpoint& address) override;
  void hello(const iperf3::Hello& hello, const Endpoint& from, const Endpoint& to) override;
  const ServerEvents& events() const override { return events_; }

  ServerSpec spec_;
  ServerEvents events_;
  asio::io_context context_{1};
  std::shared_ptr<StreamWorkers> workers_;
  std::vector<std::unique_ptr<Door>> doors_;
  std::uint16_t port_ = 0;
  std::uint64_t accepted_ = 0;
  std::map<std::string, std::shared_ptr<ServedTest>> tests_;
  std::set<std::string> gates_;
  /// Connections that have not said what they are for, the oldest first.
  std::list<ControlChannel*> greeting_;
  std::chrono::steady_clock::time_point last_busy_;
  bool stopping_ = false;
  bool ended_by_idleness_ = false;
};

}  // namespace netduel
