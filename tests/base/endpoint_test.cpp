#include "netduel/base/endpoint.hpp"

#include "support/catch.hpp"

using netduel::Endpoint;
using netduel::IpVersion;

namespace {

/// What `text` is read as, written out again; "malformed" when it isn't read.
std::string read_back(std::string_view text, std::uint16_t default_port = 0) {
  const auto endpoint = Endpoint::parse(text, default_port);
  return endpoint ? endpoint->to_string() : "malformed";
}

std::string address(std::string_view text) {
  const auto endpoint = Endpoint::parse(text);
  return endpoint ? endpoint->address_to_string() : "malformed";
}

std::optional<std::uint32_t> one_interface(std::string_view name) {
  if (name == "veth0") return 7;
  return std::nullopt;
}

}  // namespace

TEST_CASE("an endpoint reads back what it writes", "[endpoint]") {
  const auto text = GENERATE("0.0.0.0:0", "192.0.2.1:5201", "255.255.255.255:65535", "[::]:0",
                             "[::1]:5201", "[2001:db8::1]:5201", "[fe80::1%2]:5201",
                             "[::ffff:192.0.2.1]:80", "[1:2:3:4:5:6:7:8]:1");
  CHECK(read_back(text) == text);
}

TEST_CASE("an address without a port takes the default port", "[endpoint]") {
  CHECK(read_back("192.0.2.1", 5201) == "192.0.2.1:5201");
  CHECK(read_back("2001:db8::1", 5201) == "[2001:db8::1]:5201");
  CHECK(read_back("[2001:db8::1]", 5201) == "[2001:db8::1]:5201");
  CHECK(read_back("fe80::1%3", 5201) == "[fe80::1%3]:5201");
  CHECK(read_back("192.0.2.1:7", 5201) == "192.0.2.1:7");
}

TEST_CASE("an IPv6 address is read in each text form of RFC 4291 section 2.2", "[endpoint]") {
  CHECK(address("ABCD:EF01:2345:6789:ABCD:EF01:2345:6789") ==
        "abcd:ef01:2345:6789:abcd:ef01:2345:6789");
  CHECK(address("2001:DB8:0:0:8:800:200C:417A") == "2001:db8::8:800:200c:417a");
  CHECK(address("FF01:0:0:0:0:0:0:101") == "ff01::101");
  CHECK(address("0:0:0:0:0:0:0:1") == "::1");
  CHECK(address("0:0:0:0:0:0:0:0") == "::");
  CHECK(address("2001:db8::") == "2001:db8::");
  CHECK(address("1:2:3:4:5:6:7::") == "1:2:3:4:5:6:7:0");
  CHECK(address("::2:3:4:5:6:7:8") == "0:2:3:4:5:6:7:8");
  CHECK(address("0:0:0:0:0:FFFF:129.144.52.38") == "::ffff:129.144.52.38");
  CHECK(address("::13.1.68.3") == "::d01:4403");
  CHECK(address("1:2:3:4:5:6:192.0.2.33") == "1:2:3:4:5:6:c000:221");
}

TEST_CASE("an IPv6 address is written as RFC 5952 section 4 asks", "[endpoint]") {
  SECTION("without leading zeros, in lower case") {
    CHECK(address("2001:0db8:0000:0000:0000:0000:0002:000A") == "2001:db8::2:a");
  }
  SECTION("one group of zeros is not shortened") {
    CHECK(address("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
    CHECK(address("2001:db8::1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
  }
  SECTION("the longest run is shortened") {
    CHECK(address("2001:0:0:1:0:0:0:1") == "2001:0:0:1::1");
    CHECK(address("1:0:0:0:5:0:0:0") == "1::5:0:0:0");
  }
  SECTION("of equal runs the first is shortened") {
    CHECK(address("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");
  }
}

TEST_CASE("octets are in network byte order", "[endpoint]") {
  const auto v6 = Endpoint::parse("2001:db8::ff00:42:8329");
  REQUIRE(v6);
  CHECK(v6->address_octets() == std::array<std::uint8_t, 16>{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0,
                                                             0, 0xff, 0, 0, 0x42, 0x83, 0x29});
  const auto v4 = Endpoint::parse("192.0.2.1");
  REQUIRE(v4);
  CHECK(v4->address_octets() == std::array<std::uint8_t, 16>{192, 0, 2, 1});
  CHECK(*v4 == Endpoint::v4({192, 0, 2, 1}, 0));
}

TEST_CASE("a malformed IPv4 endpoint is refused", "[endpoint]") {
  const auto text =
      GENERATE("", " ", ".", "1", "1.2.3", "1.2.3.", "1.2.3.4.", "1.2.3.4.5", "1..2.3", ".1.2.3",
               "256.1.1.1", "01.2.3.4", "1.2.3.04", "00.0.0.0", "0x1.2.3.4", "1.2.3.-4", "+1.2.3.4",
               " 1.2.3.4", "1.2.3.4 ", "1.2.3.4\n", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1",
               "1.2.3.4:080", "1.2.3.4: 80", "1.2.3.4:80x", "1.2.3.4:99999999999999999999",
               "1.2.3.4:80:90", "1.2.3.4%2", "[1.2.3.4]:80", ":80", "localhost", "localhost:80");
  CAPTURE(text);
  CHECK(read_back(text) == "malformed");
}

TEST_CASE("a malformed IPv6 endpoint is refused", "[endpoint]") {
  const auto text = GENERATE(
      ":", ":::", "1:", ":1", "1::2::3", "::1::", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7:8::", "::1:2:3:4:5:6:7:8", "1:2:3:4::5:6:7:8",
      "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "12345::", "g::", "0x1::", "-1::", "::1 ", " ::1",
      "1.2.3.4::", "::1.2.3.4:5", "::1.2.3", "::256.1.1.1", "::1.2.3.04", "1:2:3:4:5:6:7:1.2.3.4",
      "1:2:3:4:5:1.2.3.4", "[::1", "::1]", "[]", "[]:80", "[::1]80", "[::1]:", "[::1]:65536",
      "[::1]:080", "[::1]:80:90", "[[::1]]:80", "[ ::1]:80", "[::1]x:80");
  CAPTURE(text);
  CHECK(read_back(text) == "malformed");
}

TEST_CASE("a text with a zero octet inside is refused", "[endpoint]") {
  CHECK_FALSE(Endpoint::parse(std::string_view("1.2.3.4\0", 8)));
  CHECK_FALSE(Endpoint::parse(std::string_view("::1\0", 4)));
}

TEST_CASE("a zone is a number, or a name that the caller's function knows", "[endpoint]") {
  const auto numbered = Endpoint::parse("[fe80::1%4294967295]:1");
  REQUIRE(numbered);
  CHECK(numbered->scope_id() == 4294967295U);

  const auto named = Endpoint::parse("[fe80::1%veth0]:1", 0, one_interface);
  REQUIRE(named);
  CHECK(named->scope_id() == 7);
  CHECK(named->to_string() == "[fe80::1%7]:1");

  CHECK_FALSE(Endpoint::parse("[fe80::1%veth1]:1", 0, one_interface));
  CHECK_FALSE(Endpoint::parse("[fe80::1%veth0]:1"));
}

TEST_CASE("a malformed zone is refused", "[endpoint]") {
  const auto any_name = [](std::string_view) -> std::optional<std::uint32_t> { return 1; };
  const auto text = GENERATE("fe80::1%", "[fe80::1%]:1", "fe80::1%4294967296", "fe80::1%02",
                             "fe80::1%a b", "fe80::1%a/b", "%1", "[%1]:1");
  CAPTURE(text);
  CHECK_FALSE(Endpoint::parse(text, 0, any_name));
}

TEST_CASE("the kinds of addresses are told apart", "[endpoint]") {
  const auto of = [](std::string_view text) { return Endpoint::parse(text).value(); };
  CHECK(of("127.0.0.1").is_loopback());
  CHECK(of("127.255.0.9").is_loopback());
  CHECK(of("::1").is_loopback());
  CHECK_FALSE(of("128.0.0.1").is_loopback());
  CHECK_FALSE(of("::2").is_loopback());
  CHECK_FALSE(of("7f00::").is_loopback());

  CHECK(of("224.0.0.0").is_multicast());
  CHECK(of("239.255.255.255").is_multicast());
  CHECK(of("ff02::1").is_multicast());
  CHECK_FALSE(of("223.255.255.255").is_multicast());
  CHECK_FALSE(of("240.0.0.0").is_multicast());
  CHECK_FALSE(of("fe80::1").is_multicast());

  CHECK(of("0.0.0.0").is_unspecified());
  CHECK(of("::").is_unspecified());
  CHECK_FALSE(of("0.0.0.1").is_unspecified());
}

TEST_CASE("an endpoint made by itself is the IPv4 wildcard", "[endpoint]") {
  CHECK(Endpoint() == Endpoint::any(IpVersion::v4));
  CHECK(Endpoint().to_string() == "0.0.0.0:0");
  CHECK(Endpoint::any(IpVersion::v6, 9).to_string() == "[::]:9");
  CHECK(Endpoint::loopback(IpVersion::v4, 9).to_string() == "127.0.0.1:9");
  CHECK(Endpoint::loopback(IpVersion::v6, 9).to_string() == "[::1]:9");
}

TEST_CASE("another port changes nothing else", "[endpoint]") {
  const auto endpoint = Endpoint::parse("[fe80::1%2]:5201").value();
  CHECK(endpoint.with_port(80).to_string() == "[fe80::1%2]:80");
  CHECK(endpoint.with_port(5201) == endpoint);
  CHECK(endpoint.with_port(80) != endpoint);
}

TEST_CASE("the IPv4 and the IPv6 wildcard differ", "[endpoint]") {
  CHECK(Endpoint::any(IpVersion::v4) != Endpoint::any(IpVersion::v6));
}
