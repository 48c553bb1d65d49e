// netduel on an event loop of one's own, here asio's: one coroutine sends by a timer, another
// receives when the loop says that something came, and no call of netduel's waits.
#include <iostream>

#include <unistd.h>

#include <asio.hpp>
#include <netduel/transport/udp_socket.hpp>

using namespace netduel;
using namespace std::chrono_literals;

constexpr Deadline at_once = Deadline::min();  // In the past: do what can be done, and return.
constexpr int count = 10;

asio::awaitable<void> send(UdpSocket& socket, Endpoint to) {
  asio::steady_timer timer(co_await asio::this_coro::executor, std::chrono::steady_clock::now());
  const std::array<std::byte, 100> octets{};
  for (int i = 0; i < count; ++i) {
    timer.expires_at(timer.expiry() + 20ms);
    co_await timer.async_wait(asio::use_awaitable);
    const auto result = socket.send_to(std::array{Bytes(octets)}, to, at_once);
    if (result.refused) throw std::system_error(result.refused, "send");
  }
}

asio::awaitable<void> receive(UdpSocket& socket) {
  // asio closes what it is given, and so does the UdpSocket: each has a handle of its own.
  asio::posix::stream_descriptor handle(co_await asio::this_coro::executor,
                                        ::dup(socket.native_handle()));
  for (int received = 0; received < count;) {
    co_await handle.async_wait(handle.wait_read, asio::use_awaitable);
    auto result = socket.receive(at_once);
    for (; result.end == End::open; result = socket.receive(at_once))
      received += static_cast<int>(result.messages.size());
    if (result.end == End::failed) throw std::system_error(result.error, "receive");
  }
  std::cout << "Received " << count << " messages.\n";
}

int main(int argc, char** argv) try {
  const auto local = Endpoint::parse(argc == 2 ? argv[1] : "127.0.0.1");
  if (!local || local->is_unspecified() || argc > 2) {
    std::cerr << "usage: own_io_context [HOST]   an address of this host, as ::1\n";
    return 2;
  }
  UdpSocket socket = UdpSocket::open(*local);
  asio::io_context context;
  const auto rethrow = [](auto failure) {
    if (failure) std::rethrow_exception(failure);
  };
  asio::co_spawn(context, receive(socket), rethrow);
  asio::co_spawn(context, send(socket, socket.local()), rethrow);
  context.run_for(5s);  // Returns earlier when both coroutines have ended.
  if (!context.stopped()) throw std::system_error(ETIMEDOUT, std::generic_category(), "receive");
} catch (const std::system_error& error) {
  std::cerr << "own_io_context: " << error.what() << "\n";
  return 1;
}
