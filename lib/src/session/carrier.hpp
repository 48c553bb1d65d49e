#pragma once

#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"
#include "netduel/transport/tcp.hpp"
#include "netduel/transport/udp_socket.hpp"
#include "session/plan.hpp"

namespace netduel {

/// A transport as the sending loop sees it.
class Outlet {
 public:
  virtual ~Outlet() = default;
  /// What this tool wants to know of the path before it sends; not part of the transport's set-up.
  virtual void prepare() = 0;
  virtual SendResult send(std::span<const Bytes> batch, Deadline deadline) = 0;
  /// Closes the sending side; false when that was not possible by the deadline.
  virtual bool finish(Deadline deadline) = 0;
  virtual Endpoint local() const = 0;
  virtual NativeHandle native_handle() const = 0;
  virtual SocketCounters counters() const = 0;
  /// nullopt for transports without one.
  virtual std::optional<TcpInfo> tcp_info() const = 0;
};

/// A transport as the receiving loop sees it.
class Inlet {
 public:
  virtual ~Inlet() = default;
  virtual Endpoint local() const = 0;
  virtual NativeHandle native_handle() const = 0;
  /// Messages from others than `source` are the caller's to sort out; a connection from another
  /// is closed.
  virtual ReceiveResult receive(const Endpoint& source, Deadline deadline) = 0;
  virtual SocketCounters counters() const = 0;
};

/// One row for each transport: how its two sides are opened for a plan.
struct Carrier {
  Transport transport;
  std::string_view name;
  /// Delivers everything once and in order, or fails (RFC 9293, section 3.4).
  bool guaranteed;
  /// How many messages a full-speed sender hands over at once.
  std::size_t (*full_speed_batch)(const Plan&);
  std::unique_ptr<Outlet> (*open_outlet)(const Plan&, const Endpoint& to, Deadline,
                                         std::stop_token);
  std::unique_ptr<Inlet> (*open_inlet)(const Plan&);
};

const Carrier& carrier(Transport transport);

// Over what is open already. A socket may serve a stream each way.

std::unique_ptr<Outlet> outlet_over(std::shared_ptr<UdpSocket> socket, const Endpoint& to);
std::unique_ptr<Inlet> inlet_over(std::shared_ptr<UdpSocket> socket);
std::unique_ptr<Outlet> outlet_over(std::shared_ptr<TcpConnection> connection);
std::unique_ptr<Inlet> inlet_over(std::shared_ptr<TcpConnection> connection);

// For octets that nobody looks at: what is sent is the same over and over and goes out without a
// copy, and what comes is taken off the stream unseen.

std::unique_ptr<Outlet> bulk_outlet_over(std::shared_ptr<TcpConnection> connection,
                                         std::size_t message_octets);
std::unique_ptr<Inlet> bulk_inlet_over(std::shared_ptr<TcpConnection> connection);

}  // namespace netduel
