#include "netduel/wire/probe.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "support/catch.hpp"

using namespace std::chrono_literals;
using netduel::Bytes;
using netduel::decode_probe;
using netduel::encode;
using netduel::Probe;
using netduel::WallTime;

namespace {

std::vector<std::byte> octets_of(std::initializer_list<int> values) {
  std::vector<std::byte> octets;
  for (const int value : values) octets.push_back(static_cast<std::byte>(value));
  return octets;
}

}  // namespace

TEST_CASE("a probe is 16 octets in network byte order", "[probe]") {
  const Probe probe{.sequence = 0x030405060708, .sent = WallTime(0x1112131415161718ns)};
  std::vector<std::byte> message(Probe::octets);
  encode(probe, message);
  CHECK(message == octets_of({0x78, 0x3e, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,  //
                              0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18}));
}

TEST_CASE("a probe reads back as it was written, up to its limits", "[probe]") {
  const auto sequence = GENERATE(std::uint64_t{0}, std::uint64_t{1}, (std::uint64_t{1} << 48) - 1);
  const auto nanoseconds =
      GENERATE(std::int64_t{0}, std::int64_t{1700000000123456789}, std::int64_t{-1},
               std::numeric_limits<std::int64_t>::max(), std::numeric_limits<std::int64_t>::min());
  const Probe probe{.sequence = sequence, .sent = WallTime(std::chrono::nanoseconds(nanoseconds))};
  std::array<std::byte, Probe::octets> message{};
  encode(probe, message);
  CHECK(decode_probe(message) == probe);
}

TEST_CASE("the rest of a message stays as it was", "[probe]") {
  std::vector<std::byte> message(64, std::byte{0xa5});
  encode({.sequence = 7, .sent = WallTime(9ns)}, message);
  CHECK(std::all_of(message.begin() + Probe::octets, message.end(),
                    [](std::byte octet) { return octet == std::byte{0xa5}; }));
  CHECK(decode_probe(message) == Probe{.sequence = 7, .sent = WallTime(9ns)});
}

TEST_CASE("a message shorter than a probe holds none", "[probe]") {
  std::vector<std::byte> message(Probe::octets);
  encode({}, message);
  CHECK_FALSE(decode_probe(Bytes()));
  CHECK_FALSE(decode_probe(Bytes(message).first(Probe::octets - 1)));
  CHECK(decode_probe(message));
}

TEST_CASE("a probe whose words changed places is none", "[probe]") {
  std::vector<std::byte> message(64);
  encode({.sequence = 123'456, .sent = WallTime(1'700'000'000'123'456'789ns)}, message);
  std::size_t tried = 0;
  for (std::size_t one = 0; one < Probe::octets; one += 2) {
    for (std::size_t other = one + 2; other < message.size(); other += 2) {
      auto changed = message;
      std::swap_ranges(changed.begin() + static_cast<std::ptrdiff_t>(one),
                       changed.begin() + static_cast<std::ptrdiff_t>(one + 2),
                       changed.begin() + static_cast<std::ptrdiff_t>(other));
      if (changed == message) continue;
      ++tried;
      CHECK_FALSE(decode_probe(changed));
    }
  }
  CHECK(tried > 100);
}

TEST_CASE("octets that are no probe are none", "[probe]") {
  CHECK_FALSE(decode_probe(std::vector<std::byte>(Probe::octets)));
  CHECK_FALSE(decode_probe(std::vector<std::byte>(Probe::octets, std::byte{0xff})));
}
