#include "os/resolve.hpp"

#include <algorithm>

#include "os/socket.hpp"
#include "support/catch.hpp"
#include "support/transport.hpp"

using namespace netduel;
using namespace netduel::testing;

TEST_CASE("an address is its own name", "[os]") {
  CHECK(os::resolve("192.0.2.1", 5201) == std::vector{*Endpoint::parse("192.0.2.1:5201")});
  CHECK(os::resolve("2001:db8::1", 80) == std::vector{*Endpoint::parse("[2001:db8::1]:80")});
  CHECK(os::resolve("127.0.0.1", 0, IpVersion::v4) ==
        std::vector{Endpoint::loopback(IpVersion::v4)});
  CHECK(os::resolve("::1", 7, IpVersion::v6) == std::vector{Endpoint::loopback(IpVersion::v6, 7)});
}

TEST_CASE("an address within a link keeps its zone", "[os]") {
  const std::uint32_t zone = *os::interface_index("lo");
  const auto found = os::resolve("fe80::1%lo", 5);
  REQUIRE(found.size() == 1);
  CHECK(found[0].scope_id() == zone);
}

TEST_CASE("this host is found by its name, each address once", "[os]") {
  const auto found = os::resolve("localhost", 5201);
  REQUIRE_FALSE(found.empty());
  for (const Endpoint& endpoint : found) {
    CHECK(endpoint.is_loopback());
    CHECK(endpoint.port() == 5201);
    CHECK(std::count(found.begin(), found.end(), endpoint) == 1);
  }
  for (const Endpoint& endpoint : os::resolve("localhost", 5201, IpVersion::v4)) {
    CHECK(endpoint.version() == IpVersion::v4);
  }
}

TEST_CASE("an unknown host is named", "[os]") {
  const auto failure = [](std::string_view host, std::optional<IpVersion> version = {}) {
    return failure_of([&] { os::resolve(host, 5201, version); });
  };
  // Without a name server it is the same failure for another reason.
  const auto [text, code] = failure("no-such-host.invalid");
  CHECK_THAT(text, containing("unknown host no-such-host.invalid: "));
  CHECK(code);
  CHECK_THAT(failure("").first, containing("unknown host ''"));
  CHECK_THAT(failure("192.0.2.1.5").first, containing("unknown host 192.0.2.1.5"));
  CHECK_THAT(failure("192.0.2.1", IpVersion::v6).first, containing("unknown IPv6 host 192.0.2.1"));
}
