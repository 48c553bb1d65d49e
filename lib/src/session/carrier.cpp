#include "session/carrier.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <utility>

namespace netduel {
namespace {

UdpOptions udp_options(const Plan& plan) {
  return {.receive_buffer_octets = plan.window_octets,
          .send_buffer_octets = plan.window_octets,
          .offload = plan.offload,
          .checksum = plan.udp_checksum};
}

TcpOptions tcp_options(const Plan& plan) {
  return {.message_octets = plan.message_octets,
          .receive_buffer_octets = plan.window_octets,
          .send_buffer_octets = plan.window_octets,
          .congestion = plan.congestion,
          .no_delay = plan.no_delay};
}

Endpoint source_towards(const Endpoint& to) {
  return to.is_loopback() ? Endpoint::loopback(to.version()) : Endpoint::any(to.version());
}

class UdpOutlet final : public Outlet {
 public:
  UdpOutlet(std::shared_ptr<UdpSocket> socket, const Endpoint& to)
      : socket_(std::move(socket)), to_(to) {}
  /// Nothing is sent, but the socket looks at the path, so the first message need not wait for
  /// that.
  void prepare() override { (void)socket_->send_to({}, to_, Deadline::min()); }
  SendResult send(std::span<const Bytes> batch, Deadline deadline) override {
    return socket_->send_to(batch, to_, deadline);
  }
  bool finish(Deadline) override { return true; }
  Endpoint local() const override { return socket_->local(); }
  NativeHandle native_handle() const override { return socket_->native_handle(); }
  SocketCounters counters() const override { return socket_->counters(); }
  std::optional<TcpInfo> tcp_info() const override { return std::nullopt; }

 private:
  std::shared_ptr<UdpSocket> socket_;
  Endpoint to_;
};

class UdpInlet final : public Inlet {
 public:
  explicit UdpInlet(std::shared_ptr<UdpSocket> socket) : socket_(std::move(socket)) {}
  Endpoint local() const override { return socket_->local(); }
  NativeHandle native_handle() const override { return socket_->native_handle(); }
  ReceiveResult receive(const Endpoint&, Deadline deadline) override {
    return socket_->receive(deadline);
  }
  SocketCounters counters() const override { return socket_->counters(); }

 private:
  std::shared_ptr<UdpSocket> socket_;
};

class TcpOutlet final : public Outlet {
 public:
  explicit TcpOutlet(std::shared_ptr<TcpConnection> connection)
      : connection_(std::move(connection)) {}
  void prepare() override {}
  SendResult send(std::span<const Bytes> batch, Deadline deadline) override {
    return connection_->send(batch, deadline);
  }
  bool finish(Deadline deadline) override { return connection_->finish(deadline); }
  Endpoint local() const override { return connection_->local(); }
  NativeHandle native_handle() const override { return connection_->native_handle(); }
  SocketCounters counters() const override { return connection_->counters(); }
  std::optional<TcpInfo> tcp_info() const override { return connection_->info(); }

 private:
  std::shared_ptr<TcpConnection> connection_;
};

class TcpInlet final : public Inlet {
 public:
  explicit TcpInlet(std::shared_ptr<TcpConnection> connection)
      : connection_(std::move(connection)) {}
  Endpoint local() const override { return connection_->local(); }
  NativeHandle native_handle() const override { return connection_->native_handle(); }
  ReceiveResult receive(const Endpoint&, Deadline deadline) override {
    return connection_->receive(deadline);
  }
  SocketCounters counters() const override { return connection_->counters(); }

 private:
  std::shared_ptr<TcpConnection> connection_;
};

/// Takes the first connection that comes from the source.
class AcceptingTcpInlet final : public Inlet {
 public:
  explicit AcceptingTcpInlet(const Plan& plan)
      : listener_(TcpListener::open(plan.receiver, tcp_options(plan))) {}
  Endpoint local() const override { return listener_.local(); }
  NativeHandle native_handle() const override {
    return connection_ ? connection_->native_handle() : listener_.native_handle();
  }
  ReceiveResult receive(const Endpoint& source, Deadline deadline) override {
    while (!connection_) {
      auto accepted = listener_.accept(deadline);
      if (!accepted) return {.messages = {}, .end = End::timed_out, .error = {}};
      if (accepted->remote() == source) connection_ = std::move(accepted);
    }
    return connection_->receive(deadline);
  }
  SocketCounters counters() const override {
    return connection_ ? connection_->counters() : SocketCounters{};
  }

 private:
  TcpListener listener_;
  std::optional<TcpConnection> connection_;
};

std::unique_ptr<Outlet> open_udp_outlet(const Plan& plan, const Endpoint& to, Deadline,
                                        std::stop_token) {
  auto socket = UdpSocket::open(source_towards(to), udp_options(plan));
  return outlet_over(std::make_shared<UdpSocket>(std::move(socket)), to);
}

std::unique_ptr<Inlet> open_udp_inlet(const Plan& plan) {
  return inlet_over(std::make_shared<UdpSocket>(UdpSocket::open(plan.receiver, udp_options(plan))));
}

std::unique_ptr<Outlet> open_tcp_outlet(const Plan& plan, const Endpoint& to, Deadline deadline,
                                        std::stop_token stop) {
  return outlet_over(std::make_shared<TcpConnection>(
      TcpConnection::connect(to, tcp_options(plan), deadline, std::move(stop))));
}

std::unique_ptr<Inlet> open_tcp_inlet(const Plan& plan) {
  return std::make_unique<AcceptingTcpInlet>(plan);
}

/// Whole super-packets, all of one size, so that the drop of one is a known number of messages.
std::size_t udp_batch(const Plan& plan) {
  constexpr std::size_t most_segments = 128;
  constexpr std::size_t super_packets = 2;
  constexpr std::size_t singles = 64;
  if (!plan.offload || !plan.udp_checksum) return singles;
  const std::size_t in_one = largest_udp_payload_v4 / plan.message_octets;
  return super_packets * std::clamp<std::size_t>(in_one, 1, most_segments);
}

std::size_t tcp_batch(const Plan& plan) {
  constexpr std::size_t write_octets = 128 * 1024;
  return std::max<std::size_t>(1, write_octets / plan.message_octets);
}

constexpr std::array carriers = {
    Carrier{.transport = Transport::udp,
            .name = "udp",
            .guaranteed = false,
            .full_speed_batch = udp_batch,
            .open_outlet = open_udp_outlet,
            .open_inlet = open_udp_inlet},
    Carrier{.transport = Transport::tcp,
            .name = "tcp",
            .guaranteed = true,
            .full_speed_batch = tcp_batch,
            .open_outlet = open_tcp_outlet,
            .open_inlet = open_tcp_inlet},
};

}  // namespace

const Carrier& carrier(Transport transport) {
  const auto found = std::ranges::find(carriers, transport, &Carrier::transport);
  assert(found != carriers.end());
  return *found;
}

std::unique_ptr<Outlet> outlet_over(std::shared_ptr<UdpSocket> socket, const Endpoint& to) {
  return std::make_unique<UdpOutlet>(std::move(socket), to);
}

std::unique_ptr<Inlet> inlet_over(std::shared_ptr<UdpSocket> socket) {
  return std::make_unique<UdpInlet>(std::move(socket));
}

std::unique_ptr<Outlet> outlet_over(std::shared_ptr<TcpConnection> connection) {
  return std::make_unique<TcpOutlet>(std::move(connection));
}

std::unique_ptr<Inlet> inlet_over(std::shared_ptr<TcpConnection> connection) {
  return std::make_unique<TcpInlet>(std::move(connection));
}

}  // namespace netduel
