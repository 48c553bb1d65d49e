#include "session/control_channel.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <asio/experimental/as_tuple.hpp>
#include <asio/experimental/awaitable_operators.hpp>
#include <asio/steady_timer.hpp>
#include <asio/this_coro.hpp>
#include <asio/use_awaitable.hpp>

#include <fmt/format.h>

namespace netduel {
namespace {

std::byte octet_of(iperf3::State state) {
  return static_cast<std::byte>(static_cast<std::uint8_t>(state));
}

constexpr auto as_tuple = asio::experimental::as_tuple(asio::use_awaitable);

Task<bool> pass(asio::steady_timer& timer) {
  const auto [error] = co_await timer.async_wait(as_tuple);
  co_return !error;
}

Task<bool> become_ready(asio::posix::stream_descriptor& descriptor,
                        asio::posix::descriptor_base::wait_type what) {
  const auto [error] = co_await descriptor.async_wait(what, as_tuple);
  co_return !error;
}

}  // namespace

ControlChannel::ControlChannel(const asio::any_io_executor& executor, TcpConnection connection)
    : connection_(std::move(connection)), descriptor_(executor, connection_.native_handle()) {}

ControlChannel::~ControlChannel() {
  // The handle stays the connection's to close.
  if (descriptor_.is_open()) descriptor_.release();
}

Task<bool> ControlChannel::ready(asio::posix::descriptor_base::wait_type what, Deadline deadline) {
  using namespace asio::experimental::awaitable_operators;
  if (closed_) throw ControlError("the control connection was closed");
  asio::steady_timer timer(co_await asio::this_coro::executor);
  timer.expires_at(deadline);
  const auto first = co_await (become_ready(descriptor_, what) || pass(timer));
  if (closed_) throw ControlError("the control connection was closed");
  co_return first.index() == 0 && std::get<0>(first);
}

Task<std::vector<std::byte>> ControlChannel::read(std::size_t octets, Deadline deadline) {
  if (octets == 0) co_return std::vector<std::byte>{};
  for (;;) {
    if (closed_) throw ControlError("the control connection was closed");
    connection_.frame(octets);
    const ReceiveResult result = connection_.receive(Deadline::min(), 1);
    if (!result.messages.empty() && !result.messages[0].truncated) {
      const Bytes payload = result.messages[0].payload;
      co_return std::vector<std::byte>(payload.begin(), payload.end());
    }
    if (result.end == End::finished) throw ControlError("the peer closed the control connection");
    if (result.end == End::failed) {
      throw ControlError("the control connection failed: " + result.error.message());
    }
    const bool came = co_await ready(asio::posix::descriptor_base::wait_read, deadline);
    if (!came) throw ControlError("the peer did not answer on the control connection in time");
  }
}

Task<std::optional<iperf3::State>> ControlChannel::try_read_state(Deadline deadline) {
  connection_.frame(1);
  for (;;) {
    if (closed_) throw ControlError("the control connection was closed");
    const ReceiveResult result = connection_.receive(Deadline::min(), 1);
    if (!result.messages.empty()) {
      co_return static_cast<iperf3::State>(result.messages[0].payload[0]);
    }
    if (result.end == End::finished) throw ControlError("the peer closed the control connection");
    if (result.end == End::failed) {
      throw ControlError("the control connection failed: " + result.error.message());
    }
    const bool came = co_await ready(asio::posix::descriptor_base::wait_read, deadline);
    if (!came) co_return std::nullopt;
  }
}

Task<iperf3::State> ControlChannel::read_state(Deadline deadline) {
  const auto state = co_await try_read_state(deadline);
  if (!state) throw ControlError("the peer did not answer on the control connection in time");
  co_return *state;
}

Task<void> ControlChannel::expect(iperf3::State wanted, Deadline deadline) {
  const iperf3::State state = co_await read_state(deadline);
  if (state == wanted) co_return;
  co_await refuse_end(state, deadline);
  throw ControlError(fmt::format("the peer said {} where {} belongs", iperf3::name_of(state),
                                 iperf3::name_of(wanted)));
}

Task<void> ControlChannel::refuse_end(iperf3::State state, Deadline deadline) {
  switch (state) {
    case iperf3::State::access_denied:
      throw PeerEnded(
          fmt::format("the server denied access: it is busy with another test, or doesn't know us "
                      "(code {})",
                      iperf3::access_denied_code),
          state);
    case iperf3::State::server_terminate:
      throw PeerEnded("the server has ended the test", state);
    case iperf3::State::client_terminate:
      throw PeerEnded("the client has ended the test", state);
    case iperf3::State::server_error: {
      std::vector<std::byte> octets;
      try {
        octets = co_await read(iperf3::server_error_octets, deadline);
      } catch (const ControlError&) {
        // Some servers tell the code alone, or nothing.
        octets.clear();
      }
      const auto error = iperf3::decode_server_error(octets);
      throw PeerEnded(error ? "the server failed: " + iperf3::explain(*error)
                            : std::string("the server failed and didn't say why"),
                      state);
    }
    default:
      break;
  }
}

Task<std::string> ControlChannel::read_document(std::size_t longest_octets, Deadline deadline) {
  const auto prefix = co_await read(iperf3::length_octets, deadline);
  const std::uint32_t length =
      iperf3::decode_length(std::span<const std::byte, iperf3::length_octets>(prefix));
  if (length > longest_octets) {
    throw ControlError(fmt::format(
        "the peer announced a document of {} octets; at most {} are read", length, longest_octets));
  }
  const auto octets = co_await read(length, deadline);
  co_return std::string(reinterpret_cast<const char*>(octets.data()), octets.size());
}

/// The last octet goes as a message of its own: it can't be cut, so once it is accepted all before
/// it has left.
Task<void> ControlChannel::write(std::vector<std::byte> octets, Deadline deadline) {
  const Bytes all(octets);
  const std::array<Bytes, 2> parts{all.first(all.size() - 1), all.last(1)};
  std::span<const Bytes> left(parts);
  for (;;) {
    if (closed_) throw ControlError("the control connection was closed");
    const SendResult result = connection_.send(left, Deadline::min());
    if (result.refused) {
      throw ControlError("the control connection failed: " + result.refused.message());
    }
    left = left.subspan(result.accepted);
    if (left.empty()) co_return;
    const bool room = co_await ready(asio::posix::descriptor_base::wait_write, deadline);
    if (!room) throw ControlError("the peer did not read from the control connection in time");
  }
}

Task<void> ControlChannel::write_state(iperf3::State state, Deadline deadline) {
  co_await write(std::vector<std::byte>(1, octet_of(state)), deadline);
}

Task<void> ControlChannel::write_document(std::string json, Deadline deadline) {
  const auto length = iperf3::encode_length(static_cast<std::uint32_t>(json.size()));
  std::vector<std::byte> octets(length.size() + json.size());
  const auto text = std::ranges::copy(length, octets.begin()).out;
  std::ranges::copy(std::as_bytes(std::span(json)), text);
  co_await write(std::move(octets), deadline);
}

Task<void> ControlChannel::write_error(iperf3::ServerError error, Deadline deadline) {
  const auto numbers = iperf3::encode(error);
  std::vector<std::byte> octets(1 + numbers.size(), octet_of(iperf3::State::server_error));
  std::ranges::copy(numbers, octets.begin() + 1);
  co_await write(std::move(octets), deadline);
}

void ControlChannel::close() {
  closed_ = true;
  if (descriptor_.is_open()) descriptor_.cancel();
}

TcpConnection ControlChannel::release() {
  closed_ = true;
  descriptor_.release();
  return std::move(connection_);
}

}  // namespace netduel
