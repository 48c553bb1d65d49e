#include "os/wakeup.hpp"

#include <thread>

#include "netduel/transport/udp_socket.hpp"
#include "netduel/transport/wait_set.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

TEST_CASE("a wait is ended from outside", "[os][threads]") {
  const os::Wakeup wakeup;
  const UdpSocket quiet = UdpSocket::open(Endpoint::loopback(IpVersion::v4));
  WaitSet set;
  set.set(quiet.native_handle(), Interest::readable, 1);
  set.set(wakeup.handle(), Interest::readable, 2);
  std::thread waker([&wakeup] { wakeup.wake(); });
  const auto ready = set.wait(in_good_time());
  waker.join();
  REQUIRE(ready.size() == 1);
  CHECK(ready[0].key == 2);
  CHECK(ready[0].readable);
}

TEST_CASE("a wake-up holds until it is cleared, and can be used again", "[os]") {
  const os::Wakeup wakeup;
  WaitSet set;
  set.set(wakeup.handle(), Interest::readable, 1);
  CHECK(set.wait(at_once()).empty());
  for (int round = 0; round < 2; ++round) {
    wakeup.wake();
    CHECK(set.wait(at_once()).size() == 1);
    CHECK(set.wait(at_once()).size() == 1);
    wakeup.clear();
    CHECK(set.wait(at_once()).empty());
  }
  wakeup.clear();
}

TEST_CASE("waking never blocks, and one clearing undoes any number of them", "[os]") {
  const os::Wakeup wakeup;
  WaitSet set;
  set.set(wakeup.handle(), Interest::readable, 1);
  // More than any pipe holds.
  const int times = GENERATE(64, 200'000);
  for (int i = 0; i < times; ++i) wakeup.wake();
  CHECK(set.wait(at_once()).size() == 1);
  wakeup.clear();
  CHECK(set.wait(at_once()).empty());
}
