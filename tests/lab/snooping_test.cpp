#include "lab/snooping.hpp"

#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/catch.hpp"
#include "wire/octets.hpp"

using namespace netduel;

namespace {

using Frame = std::vector<std::byte>;

constexpr std::size_t port = 1;
constexpr std::size_t other_port = 2;

Endpoint at(const std::string& text) {
  return *Endpoint::parse(text);
}

Frame bytes(const std::vector<unsigned>& octets) {
  Frame frame;
  for (const unsigned octet : octets) frame.push_back(static_cast<std::byte>(octet));
  return frame;
}

void append(Frame& to, const Endpoint& address) {
  const std::size_t octets = address.version() == IpVersion::v4 ? 4 : 16;
  for (std::size_t n = 0; n < octets; ++n) {
    to.push_back(static_cast<std::byte>(address.address_octets()[n]));
  }
}

/// A plain sum of 16-bit words, apart from the code under test.
std::uint16_t checksum(Bytes octets, std::uint64_t sum) {
  for (std::size_t n = 0; n < octets.size(); ++n) {
    sum += std::to_integer<std::uint64_t>(octets[n]) << (n % 2 == 0 ? 8 : 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

/// In IP as hosts send it: with the Router Alert option, and behind a hop-by-hop header.
Frame in_ip(IpVersion version, Frame message) {
  const auto length = static_cast<unsigned>(message.size());
  Frame frame(12);
  Frame head;
  std::uint64_t pseudo = 0;
  if (version == IpVersion::v4) {
    head = bytes({8, 0,  0x46, 0, 0, 24 + length, 0, 0, 0,  0,    1, 2, 0,
                  0, 10, 77,   0, 2, 224,         0, 0, 22, 0x94, 4, 0, 0});
  } else {
    head = bytes({0x86, 0xdd, 0x60, 0, 0, 0, 0, 8 + length, 0, 1, 0xfe, 0x80});
    head.resize(head.size() + 14);
    head.push_back(std::byte{0xff});
    head.push_back(std::byte{2});
    head.resize(head.size() + 13);
    head.push_back(std::byte{0x16});
    pseudo = 0xfe80 + 0xff02 + 0x16 + 58 + length;
    const Frame hop_by_hop = bytes({58, 0, 5, 2, 0, 0, 1, 0});
    head.insert(head.end(), hop_by_hop.begin(), hop_by_hop.end());
  }
  put_u16(message, 2, checksum(message, pseudo));
  frame.insert(frame.end(), head.begin(), head.end());
  frame.insert(frame.end(), message.begin(), message.end());
  return frame;
}

/// An IGMPv3 or MLDv2 report of one record, with auxiliary data if asked for.
Frame report(unsigned kind, const std::string& group, const std::vector<std::string>& sources = {},
             unsigned auxiliary_words = 0) {
  const Endpoint to = at(group);
  Frame message = bytes({to.version() == IpVersion::v4 ? 0x22U : 143U, 0, 0, 0, 0, 0, 0, 1, kind,
                         auxiliary_words, 0, static_cast<unsigned>(sources.size())});
  append(message, to);
  for (const std::string& source : sources) append(message, at(source));
  message.resize(message.size() + std::size_t{auxiliary_words} * 4);
  return in_ip(to.version(), message);
}

/// A message of the older versions, which name one group.
Frame older(unsigned type, const std::string& group) {
  const Endpoint to = at(group);
  Frame message = bytes({type, 0, 0, 0});
  if (to.version() == IpVersion::v6) message.resize(8);
  append(message, to);
  return in_ip(to.version(), message);
}

bool observe(Snooping& snooping, const Frame& frame, std::size_t from = port) {
  const auto headers = read_headers(frame);
  REQUIRE(headers);
  return snooping.observe(from, frame, *headers);
}

constexpr unsigned is_in = 1, is_ex = 2, to_in = 3, to_ex = 4, allow = 5, block = 6;

/// The same names for both families.
struct Names {
  std::string group, other_group, one, two;
};
Names names_of(IpVersion version) {
  if (version == IpVersion::v4) return {"239.1.2.3", "239.1.2.4", "10.77.0.1", "10.77.0.3"};
  return {"ff15::1:2", "ff15::1:3", "fd6e::1", "fd6e::3"};
}

}  // namespace

TEST_CASE("a report of any version joins a group, for its port and nothing else, until it leaves",
          "[lab]") {
  const IpVersion version = GENERATE(IpVersion::v4, IpVersion::v6);
  const auto [group, other_group, one, two] = names_of(version);
  const bool v4 = version == IpVersion::v4;
  std::vector<std::pair<Frame, Frame>> pairs = {
      {report(to_ex, group), report(to_in, group)},
      {report(is_ex, group, {}, 3), report(is_in, group)},
      {older(v4 ? 0x16 : 131, group), older(v4 ? 0x17 : 132, group)}};
  if (v4) pairs.emplace_back(older(0x12, group), older(0x17, group));
  for (const auto& [join, leave] : pairs) {
    Snooping snooping(3);
    CHECK_FALSE(snooping.wants(port, at(one), at(group)));
    CHECK(observe(snooping, join));
    CHECK(snooping.wants(port, at(one), at(group)));
    CHECK_FALSE(snooping.wants(port, at(one), at(other_group)));
    CHECK_FALSE(snooping.wants(other_port, at(one), at(group)));
    CHECK(observe(snooping, leave, other_port));
    CHECK(snooping.wants(port, at(one), at(group)));
    CHECK(observe(snooping, leave));
    CHECK_FALSE(snooping.wants(port, at(one), at(group)));
  }
}

TEST_CASE("a source-specific join lets its sources through and an exclusion all but its", "[lab]") {
  const auto [group, other_group, one, two] = names_of(GENERATE(IpVersion::v4, IpVersion::v6));
  Snooping snooping(3);
  const auto wants = [&, &first = one, &second = two, &to = group] {
    return std::pair(snooping.wants(port, at(first), at(to)),
                     snooping.wants(port, at(second), at(to)));
  };
  observe(snooping, report(allow, group, {one}));
  CHECK(wants() == std::pair(true, false));
  observe(snooping, report(allow, group, {two}));
  CHECK(wants() == std::pair(true, true));
  observe(snooping, report(block, group, {one}));
  CHECK(wants() == std::pair(false, true));
  observe(snooping, report(block, group, {two}));
  CHECK(wants() == std::pair(false, false));
  observe(snooping, report(to_ex, group, {one}));
  CHECK(wants() == std::pair(false, true));
  observe(snooping, report(block, group, {two}));
  CHECK(wants() == std::pair(false, false));
  observe(snooping, report(allow, group, {one, two}));
  CHECK(wants() == std::pair(true, true));
  observe(snooping, report(to_in, group, {two}));
  CHECK(wants() == std::pair(false, true));
}

TEST_CASE("groups whose members need not report go to all ports, and no others do", "[lab]") {
  const Snooping snooping(3);
  for (const char* const group : {"224.0.0.1", "224.0.0.251", "ff02::1", "ff02::fb"}) {
    CHECK(snooping.wants(port, at("10.77.0.1"), at(group)));
  }
  for (const char* const group : {"224.0.1.1", "225.0.0.1", "ff02::2", "ff02::101", "ff05::1"}) {
    CHECK_FALSE(snooping.wants(port, at("10.77.0.1"), at(group)));
  }
}

TEST_CASE("who asks for the others' groups is a router and gets all", "[lab]") {
  const bool v4 = GENERATE(true, false);
  Snooping snooping(3);
  CHECK_FALSE(observe(snooping, older(v4 ? 0x11 : 130, v4 ? "0.0.0.0" : "::")));
  CHECK(snooping.is_router(port));
  CHECK_FALSE(snooping.is_router(other_port));
  CHECK(snooping.wants(port, at("10.77.0.1"), at("239.1.2.3")));
}

TEST_CASE("a damaged report, one that is cut and what is none change nothing", "[lab]") {
  const auto [group, other_group, one, two] = names_of(GENERATE(IpVersion::v4, IpVersion::v6));
  Snooping snooping(3);
  Frame damaged = report(to_ex, group);
  damaged.back() ^= std::byte{1};
  const auto flipped = damaged;
  CHECK_FALSE(observe(snooping, flipped));
  // It says two records, has one, and the one says more sources than it has.
  const Frame whole = report(allow, group, {one, two});
  for (std::size_t octets = 14; octets < whole.size(); ++octets) {
    observe(snooping, Frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(octets)));
  }
  CHECK_FALSE(snooping.wants(port, at(one), at(group)));
  observe(snooping, whole);
  CHECK(snooping.wants(port, at(one), at(group)));
}

TEST_CASE("any octets are survived, and no host makes a switch remember without end", "[lab]") {
  Snooping snooping(3);
  std::mt19937 random(7);
  for (int n = 0; n < 20'000; ++n) {
    Frame message(8 + random() % 60);
    for (std::byte& octet : message) octet = static_cast<std::byte>(random());
    const bool v4 = random() % 2 == 0;
    message[0] = static_cast<std::byte>(v4 ? 0x22 : 143);
    message[7] = static_cast<std::byte>(random() % 4);
    observe(snooping, in_ip(v4 ? IpVersion::v4 : IpVersion::v6, message));
  }
  Snooping full(3);
  const auto group = [](std::size_t n) {
    return "239." + std::to_string(n / 65536) + "." + std::to_string(n / 256 % 256) + "." +
           std::to_string(n % 256);
  };
  for (std::size_t n = 0; n <= Snooping::most_groups_of_a_port; ++n) {
    observe(full, report(to_ex, group(n)));
  }
  CHECK(full.wants(port, at("10.77.0.1"), at(group(Snooping::most_groups_of_a_port - 1))));
  CHECK_FALSE(full.wants(port, at("10.77.0.1"), at(group(Snooping::most_groups_of_a_port))));
  // Whoever leaves one may join another.
  observe(full, report(to_in, group(0)));
  observe(full, report(to_ex, group(Snooping::most_groups_of_a_port)));
  CHECK(full.wants(port, at("10.77.0.1"), at(group(Snooping::most_groups_of_a_port))));
}
