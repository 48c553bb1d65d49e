#include "wire/pcapng.hpp"

#include <map>
#include <string>
#include <vector>

#include "support/catch.hpp"

using namespace netduel;

namespace {

/// A reader of its own, little-endian; it fails the test where a length isn't what it must be.
struct Block {
  std::uint32_t type = 0;
  std::string body;

  explicit Block(const std::string& text) {
    REQUIRE(text.size() >= 12);
    REQUIRE(text.size() % 4 == 0);
    body = text;
    type = number(0);
    REQUIRE(number(4) == text.size());
    REQUIRE(number(text.size() - 4) == text.size());
    body = text.substr(8, text.size() - 12);
  }
  std::uint32_t number(std::size_t at, std::size_t octets = 4) const {
    std::uint32_t value = 0;
    for (std::size_t i = octets; i-- > 0;) {
      value = value << 8 | static_cast<unsigned char>(body.at(at + i));
    }
    return value;
  }
  /// All options from there to the end, which must be an end of options.
  std::map<std::uint32_t, std::string> options(std::size_t at) const {
    std::map<std::uint32_t, std::string> found;
    while (number(at, 2) != 0) {
      const std::size_t length = number(at + 2, 2);
      found[number(at, 2)] = body.substr(at + 4, length);
      at += 4 + (length + 3) / 4 * 4;
    }
    CHECK(number(at) == 0);
    CHECK(at + 4 == body.size());
    return found;
  }
};

std::vector<std::byte> octets(std::size_t count) {
  std::vector<std::byte> some(count);
  for (std::size_t i = 0; i < count; ++i) some[i] = static_cast<std::byte>(i + 1);
  return some;
}

WallTime at_nanosecond(std::int64_t nanoseconds) {
  return WallTime(std::chrono::nanoseconds(nanoseconds));
}

}  // namespace

TEST_CASE("a section says its byte order, version 1.0 and who wrote it", "[wire]") {
  const Block block(pcapng_section_header("netduel"));
  CHECK(block.type == 0x0a0d0d0a);
  CHECK(block.number(0) == 0x1a2b3c4d);
  CHECK(block.number(4, 2) == 1);
  CHECK(block.number(6, 2) == 0);
  CHECK(block.number(8) == 0xffffffff);  // a length that isn't known is -1, in 64 bits
  CHECK(block.number(12) == 0xffffffff);
  CHECK(block.options(16) == std::map<std::uint32_t, std::string>{{4, "netduel"}});
}

TEST_CASE("an interface is Ethernet with a name and times in nanoseconds", "[wire]") {
  for (const std::string name : {"a", "ab", "abc", "abcd"}) {
    const Block block(pcapng_interface(name, 96));
    CHECK(block.type == 1);
    CHECK(block.number(0, 2) == 1);
    CHECK(block.number(2, 2) == 0);
    CHECK(block.number(4) == 96);
    CHECK(block.options(8) == std::map<std::uint32_t, std::string>{{2, name}, {9, "\x09"}});
  }
}

TEST_CASE("a packet of any length is padded and keeps its octets", "[wire]") {
  for (std::size_t length = 0; length < 70; ++length) {
    const auto frame = octets(length);
    const Block block(pcapng_packet(1, at_nanosecond(0), frame, ""));
    CHECK(block.type == 6);
    CHECK(block.number(0) == 1);
    CHECK(block.number(12) == length);
    CHECK(block.number(16) == length);
    REQUIRE(block.body.size() == 20 + (length + 3) / 4 * 4);
    const std::string behind = block.body.substr(20);
    std::string expected(behind.size(), '\0');
    for (std::size_t i = 0; i < length; ++i) expected[i] = static_cast<char>(frame[i]);
    CHECK(behind == expected);
  }
}

TEST_CASE("a packet's time is its nanoseconds, high half first", "[wire]") {
  const auto frame = octets(60);
  for (const std::int64_t time : {std::int64_t{0}, std::int64_t{0xffffffff},
                                  std::int64_t{0x100000000}, std::int64_t{1795691325123456789}}) {
    const Block block(pcapng_packet(0, at_nanosecond(time), frame, ""));
    CHECK(block.number(4) == static_cast<std::uint64_t>(time) >> 32);
    CHECK(block.number(8) == (static_cast<std::uint64_t>(time) & 0xffffffff));
  }
}

TEST_CASE("a packet's comment follows its octets", "[wire]") {
  for (std::size_t length = 1; length < 9; ++length) {
    const std::string comment(length, 'c');
    const Block block(pcapng_packet(0, at_nanosecond(5), octets(61), comment));
    CHECK(block.options(20 + 64) == std::map<std::uint32_t, std::string>{{1, comment}});
  }
}

TEST_CASE("a comment longer than an option may be is cut", "[wire]") {
  const Block block(pcapng_packet(0, at_nanosecond(5), octets(60), std::string(70000, 'c')));
  CHECK(block.options(20 + 60).at(1) == std::string(65535, 'c'));
}
