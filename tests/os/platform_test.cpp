#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

#include "os/socket.hpp"
#include "os/thread.hpp"
#include "os/wall_offset.hpp"
#include "support/catch.hpp"

using namespace netduel;

TEST_CASE("an endpoint survives the way to the kernel's form and back", "[os]") {
  const auto* const text =
      GENERATE("192.0.2.1:5201", "[2001:db8::1]:80", "[fe80::1%2]:65535", "0.0.0.0:0", "[::]:0");
  const Endpoint endpoint = Endpoint::parse(text).value();
  sockaddr_storage storage{};
  CHECK(os::to_sockaddr(endpoint, storage) > 0);
  CHECK(os::from_sockaddr(storage) == endpoint);
}

TEST_CASE("the loopback interface has an index, and an unknown one has none", "[os]") {
  CHECK(os::interface_index("lo") == 1U);
  CHECK_FALSE(os::interface_index("no-such-interface"));
}

TEST_CASE("a thread's processor time grows while it works", "[os]") {
  os::prepare_data_thread("a name of more than fifteen characters");
  const auto before = os::thread_cpu_time();
  while (os::thread_cpu_time() - before < std::chrono::milliseconds(1)) {
  }
  CHECK(os::thread_cpu_time() > before);
}

TEST_CASE("a thread that loses the processor between two clocks doesn't tell them apart wrongly",
          "[os][threads]") {
  const auto offset = os::wall_minus_monotonic();
  // Others that want every processor, so that this thread keeps losing its own.
  std::vector<std::jthread> others;
  for (unsigned i = 0; i < 2 * std::thread::hardware_concurrency(); ++i) {
    others.emplace_back([](const std::stop_token& stop) {
      while (!stop.stop_requested()) continue;
    });
  }
  std::chrono::nanoseconds furthest{};
  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
  while (std::chrono::steady_clock::now() < until) {
    const auto reading = os::wall_minus_monotonic_at_once().value_or(offset);
    furthest = std::max(furthest, std::chrono::abs(reading - offset));
  }
  CHECK(furthest < std::chrono::microseconds(50));
}
