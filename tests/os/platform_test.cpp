#include "os/socket.hpp"
#include "os/thread.hpp"
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
