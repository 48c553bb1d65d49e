#include <atomic>
#include <optional>
#include <vector>

#include <asio/io_context.hpp>
#include <asio/ip/udp.hpp>
#include <asio/ip/v6_only.hpp>

#include "os/asio_convert.hpp"
#include "os/datagram_io.hpp"
#include "os/ip_options.hpp"
#include "os/wait.hpp"

namespace netduel {
namespace {

constexpr std::size_t slots = 64;
/// More than any UDP datagram holds (RFC 768: 16 bits of length), so nothing is ever truncated.
constexpr std::size_t slot_octets = 65536;

using Udp = asio::ip::udp;

/// Errors that an earlier datagram brought about (ICMP) and that systems tell with the next call.
bool of_an_earlier_send(const asio::error_code& error) {
  return error == asio::error::connection_refused || error == asio::error::connection_reset ||
         error == asio::error::host_unreachable || error == asio::error::network_unreachable;
}

class PortableDatagramIo final : public DatagramIo {
 public:
  PortableDatagramIo(const Endpoint& local, const UdpOptions& options)
      : buffer_(std::make_unique_for_overwrite<std::byte[]>(slots * slot_octets)) {
    open(local, options);
    receive_buffer_ = os::set_receive_buffer(native_handle(), options.receive_buffer_octets);
    send_buffer_ = os::set_send_buffer(native_handle(), options.send_buffer_octets);
    received_.reserve(slots);
  }

  SendResult send_to(std::span<const Bytes> batch, const Endpoint& to, Deadline deadline) override;
  ReceiveResult receive(Deadline deadline) override;
  Endpoint local() const override { return os::local_endpoint(native_handle()); }
  SocketCounters counters() const override;
  /// asio's sockets don't give their handle away when const, though asking changes nothing.
  NativeHandle native_handle() const override { return handle_; }

 private:
  void open(const Endpoint& local, const UdpOptions& options);
  asio::error_code send_one(Bytes message, const Udp::endpoint& to);
  void send_once(Bytes message, const Udp::endpoint& to, asio::error_code& error);
  asio::error_code read_all();

  asio::io_context context_{1};
  Udp::socket socket_{context_};
  NativeHandle handle_ = -1;
  /// The only destination of a connected socket.
  std::optional<Endpoint> peer_;
  BufferSize receive_buffer_;
  BufferSize send_buffer_;
  std::unique_ptr<std::byte[]> buffer_;
  std::vector<Received> received_;
  // Read by counters() while another thread sends.
  std::atomic<std::size_t> largest_octets_{0};
  std::atomic<bool> has_sent_{false};
};

void PortableDatagramIo::open(const Endpoint& local, const UdpOptions& options) {
  const std::string attempt = "open a UDP socket at " + local.to_string();
  asio::error_code error;
  socket_.open(os::protocol_of<Udp>(local), error);
  os::throw_if(error, attempt);
  handle_ = socket_.native_handle();
  os::close_on_exec(handle_);
  if (local.version() == IpVersion::v6) socket_.set_option(asio::ip::v6_only(true), error);
  os::throw_if(error, attempt);
  os::set_udp_options(handle_, local.version(), options);
  socket_.non_blocking(true, error);
  os::throw_if(error, attempt);
  socket_.bind(os::to_asio<Udp>(local), error);
  os::throw_if(error, attempt);
  peer_ = options.peer;
  if (peer_) os::connect_datagrams(handle_, *peer_);
}

SendResult PortableDatagramIo::send_to(std::span<const Bytes> batch, const Endpoint& to,
                                       Deadline deadline) {
  if (peer_ && *peer_ != to) return refuse_other_than_peer(batch);
  const Udp::endpoint destination = os::to_asio<Udp>(to);
  SendResult result;
  while (result.accepted < batch.size()) {
    const asio::error_code error = send_one(batch[result.accepted], destination);
    if (!error) {
      ++result.accepted;
    } else if (error == asio::error::would_block || error == asio::error::try_again) {
      if (!os::wait_writable(handle_, deadline)) break;
    } else {
      result.refused_messages = 1;
      result.refused = os::from_asio_error(error);
      break;
    }
  }
  return result;
}

asio::error_code PortableDatagramIo::send_one(Bytes message, const Udp::endpoint& to) {
  asio::error_code error;
  send_once(message, to, error);
  // Telling of an earlier error took the place of sending, and clears it: once more.
  if (of_an_earlier_send(error)) send_once(message, to, error);
  // Nothing but ICMP gives that one, and more of them may have come meanwhile.
  while (error == asio::error::connection_refused) send_once(message, to, error);
  if (!error) {
    if (message.size() > largest_octets_.load(std::memory_order_relaxed)) {
      largest_octets_.store(message.size(), std::memory_order_relaxed);
    }
    has_sent_.store(true, std::memory_order_relaxed);
  }
  return error;
}

/// BSD systems refuse a destination on a connected socket, be it its own peer.
void PortableDatagramIo::send_once(Bytes message, const Udp::endpoint& to,
                                   asio::error_code& error) {
  const asio::const_buffer octets(message.data(), message.size());
  if (peer_) {
    socket_.send(octets, 0, error);
  } else {
    socket_.send_to(octets, to, 0, error);
  }
}

ReceiveResult PortableDatagramIo::receive(Deadline deadline) {
  received_.clear();
  for (;;) {
    const asio::error_code error = read_all();
    if (!received_.empty()) return {.messages = received_, .end = End::open, .error = {}};
    if (error == asio::error::would_block || error == asio::error::try_again) {
      if (os::wait_readable(handle_, deadline)) continue;
      return {.messages = {}, .end = End::timed_out, .error = {}};
    }
    if (!of_an_earlier_send(error)) {
      return {.messages = {}, .end = End::failed, .error = os::from_asio_error(error)};
    }
  }
}

/// Fills the slots with what is there; the error is the one that stopped it.
asio::error_code PortableDatagramIo::read_all() {
  asio::error_code error;
  while (received_.size() < slots) {
    std::byte* const slot = &buffer_[received_.size() * slot_octets];
    Udp::endpoint source;
    const std::size_t octets =
        socket_.receive_from(asio::mutable_buffer(slot, slot_octets), source, 0, error);
    if (error) break;
    const WallTime now = wall_now();
    received_.push_back({.payload = Bytes(slot, octets),
                         .source = os::from_asio(source),
                         .arrived = now,
                         .read_at = now,
                         .queue_drops = 0,
                         .stamped_by = StampedBy::application,
                         .truncated = false,
                         .packet = nullptr});
  }
  return error;
}

SocketCounters PortableDatagramIo::counters() const {
  SocketCounters counters;
  counters.receive_buffer = receive_buffer_;
  counters.send_buffer = send_buffer_;
  const std::uint32_t messages = has_sent_.load(std::memory_order_relaxed) ? 1 : 0;
  counters.smallest_super_packet_messages = messages;
  counters.largest_super_packet_messages = messages;
  counters.largest_super_packet_octets = largest_octets_.load(std::memory_order_relaxed);
  return counters;
}

}  // namespace

std::unique_ptr<DatagramIo> open_datagram_io_portable(const Endpoint& local,
                                                      const UdpOptions& options) {
  return std::make_unique<PortableDatagramIo>(local, options);
}

}  // namespace netduel
