#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/export.hpp"
#include "netduel/base/message.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"

namespace netduel {

/// An open TCP connection (RFC 9293), full duplex. Move-only; one that was moved from can only be
/// assigned to or destroyed. One thread may send while another receives; nothing else may be shared
/// between threads but where a call says so. No call blocks past its deadline, also when the peer
/// has stalled.
class NETDUEL_EXPORT TcpConnection {
 public:
  /// Opens with three messages (RFC 9293, section 3.5). Throws std::system_error that names the
  /// attempt: refused, unreachable, timed out at the deadline, unknown congestion control,
  /// cancelled (std::errc::operation_canceled) by a stop, which ends the waiting at once.
  static TcpConnection connect(const Endpoint& to, const TcpOptions& options, Deadline deadline,
                               std::stop_token stop = {});
  /// The same from a local address and port of one's own.
  static TcpConnection connect(const Endpoint& from, const Endpoint& to, const TcpOptions& options,
                               Deadline deadline, std::stop_token stop = {});

  TcpConnection(TcpConnection&&) noexcept;
  TcpConnection& operator=(TcpConnection&&) noexcept;
  /// Closes; unsent octets that the connection still keeps are dropped.
  ~TcpConnection();

  /// Gathers the messages into as few writes as possible. Waits at full send buffers until
  /// `deadline`. A message that the deadline cuts counts as accepted; its rest leaves with the next
  /// send or finish. When the connection has failed, `refused` tells why and the whole rest of the
  /// batch counts as refused; so it does after `finish` (EPIPE). Framing is the receiver's: what is
  /// sent may have any length.
  SendResult send(std::span<const Bytes> batch, Deadline deadline);

  /// Waits until `deadline` for the next whole message and returns all that are there. With
  /// framing each message has exactly the framed length, and a stream that ends inside one gives
  /// that part, marked `truncated`. `finished` tells of the peer's half-close, after the last
  /// messages. Never more than `most_messages`: what comes behind them may have another length, see
  /// `frame`. What has been read and not returned is kept, and the handle doesn't tell of it:
  /// before waiting for the handle, receive with a deadline in the past until `timed_out`.
  ReceiveResult receive(Deadline deadline, std::size_t most_messages = SIZE_MAX);

  /// From the next receive on, messages are this many octets each (0: unframed), so that a stream
  /// may begin with another length than it goes on with. Octets that have been read already and not
  /// returned follow the new length. Belongs to the receiving half. Throws std::system_error above
  /// TcpOptions::largest_message_octets.
  void frame(std::size_t message_octets);

  /// Sends what is left of a cut message and half-closes: the peer reads to the end, and this side
  /// can still receive (RFC 9293, section 3.6). False when the deadline passed first; call again.
  /// True also when the connection has failed: the receiving half tells of that.
  bool finish(Deadline deadline);
  /// Resets the connection (RST) and drops everything: no TIME-WAIT, the peer sees an error. The
  /// only call that another thread may make to end a send or receive that is under way.
  void abort();

  /// What the kernel knows of the connection now. Any thread may ask, and for the others below.
  TcpInfo info() const;
  /// What concerns datagrams in them is absent or 0.
  SocketCounters counters() const;
  /// Both are kept when the connection ends.
  Endpoint local() const;
  Endpoint remote() const;
  /// To wait for in an event loop of one's own; see `receive`. Stays the connection's to close.
  NativeHandle native_handle() const;

 private:
  friend class TcpListener;
  friend struct TcpInternals;
  struct State;
  explicit TcpConnection(std::unique_ptr<State> state);
  static TcpConnection connect_from(const std::optional<Endpoint>& from, const Endpoint& to,
                                    const TcpOptions& options, Deadline deadline,
                                    std::stop_token stop);
  std::unique_ptr<State> state_;
};

/// A passive open (RFC 9293, section 3.10.1): waits for connections. Move-only, one thread; the
/// connections that it gives may outlive it and go to other threads.
class NETDUEL_EXPORT TcpListener {
 public:
  /// Binds and listens; port 0 takes a free one, and an IPv6 address takes no IPv4. `options` hold
  /// for the connections it accepts. Throws std::system_error that names the attempt.
  static TcpListener open(const Endpoint& local, const TcpOptions& options = {});

  TcpListener(TcpListener&&) noexcept;
  TcpListener& operator=(TcpListener&&) noexcept;
  ~TcpListener();

  /// Waits until `deadline` for a connection; nullopt when none came. Throws std::system_error that
  /// names the attempt when the listener can't go on (too many open handles) or `options` don't
  /// hold; what befell one connection on its way is passed over.
  std::optional<TcpConnection> accept(Deadline deadline);

  /// What it is bound to, with the port that was free.
  Endpoint local() const;
  /// Readable when a connection waits to be accepted. Stays the listener's to close.
  NativeHandle native_handle() const;

 private:
  struct State;
  explicit TcpListener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace netduel
