#include "wire/packet.hpp"

#include <algorithm>
#include <random>

#include "support/catch.hpp"
#include "wire/frames.hpp"
#include "wire/octets.hpp"

using namespace netduel;
using namespace netduel::test;

namespace {

constexpr FrameSpec udp4{.payload = 64};
constexpr FrameSpec udp6{.version = IpVersion::v6, .payload = 64};

/// An IPv6 frame with a fragment header between IP and what `next` says.
Frame fragment6(std::uint8_t next, std::uint16_t place) {
  Frame frame = frame_of({.version = IpVersion::v6, .payload = 64, .ip_options = 8});
  frame[20] = std::byte{44};
  frame[54] = static_cast<std::byte>(next);
  frame[55] = std::byte{0};
  put_u16(frame, 56, place);
  put_u32(frame, 58, 0xcafe0001);
  return frame;
}

void check_order(const PacketHeaders& headers, std::size_t octets) {
  REQUIRE(headers.end <= octets);
  REQUIRE(headers.ip_at <= headers.end);
  REQUIRE(headers.ip_at <= headers.transport_at);
  REQUIRE(headers.transport_at <= headers.payload_at);
  REQUIRE(headers.payload_at <= headers.end);
  REQUIRE(headers.ip_octets <= octets);
}

}  // namespace

TEST_CASE("headers tell protocol, endpoints and where the payload lies", "[wire]") {
  for (const FrameSpec& spec : all_kinds(100)) {
    const Frame frame = frame_of(spec);
    const auto headers = read_headers(frame);
    REQUIRE(headers);
    CHECK(headers->protocol == (spec.tcp ? Protocol::tcp : Protocol::udp));
    CHECK(headers->ip_version == spec.version);
    CHECK(headers->source.to_string() == (spec.v4() ? "10.77.0.1:5000" : "[fd00::1]:5000"));
    CHECK(headers->destination.to_string() == (spec.v4() ? "10.77.0.2:80" : "[fd00::2]:80"));
    CHECK(headers->ip_at == spec.ip_at());
    CHECK(headers->transport_at == spec.transport_at());
    CHECK(headers->payload_at == spec.payload_at());
    CHECK(headers->end == frame.size());
    CHECK(headers->ip_octets == frame.size() - spec.ip_at());
    CHECK(headers->tcp_sequence == (spec.tcp ? spec.sequence : 0));
    CHECK(headers->tcp_sequence_length == (spec.tcp ? 100 : 0));
    CHECK_FALSE(headers->is_fragment);
    CHECK_FALSE(headers->is_neighbour_discovery);
  }
}

TEST_CASE("SYN and FIN take one sequence number each", "[wire]") {
  for (std::uint8_t flags = 0; flags < 4; ++flags) {
    const Frame frame = frame_of({.tcp = true, .payload = 7, .tcp_flags = flags});
    CHECK(read_headers(frame)->tcp_sequence_length == 7U + flags % 2U + flags / 2U);
  }
}

TEST_CASE("padding behind the IP packet is no part of it", "[wire]") {
  for (const FrameSpec& spec : all_kinds(3)) {
    Frame frame = frame_of(spec);
    frame.resize(frame.size() + 20, std::byte{0xee});
    const PacketHeaders headers = *read_headers(frame);
    CHECK(headers.end == spec.octets());
    CHECK(headers.ip_octets == spec.octets() - spec.ip_at());
  }
}

TEST_CASE("a super-packet too long for its length field ends with the frame", "[wire]") {
  for (const std::size_t payload : {65507U, 65549U, 90000U}) {
    for (const FrameSpec& spec : all_kinds(payload)) {
      Frame frame = frame_of(spec);
      put_u16(frame, spec.ip_at() + (spec.v4() ? 2 : 4), 0);
      const PacketHeaders headers = *read_headers(frame);
      CHECK(headers.end == frame.size());
      CHECK(headers.payload_at == spec.payload_at());
    }
  }
}

TEST_CASE("an IPv4 length shorter than an IPv4 header leaves nothing behind it", "[wire]") {
  for (std::uint32_t length = 1; length < 20; ++length) {
    Frame frame = frame_of(udp4);
    put_u16(frame, 16, length);
    const PacketHeaders headers = *read_headers(frame);
    CHECK(headers.protocol == Protocol::other);
    CHECK(headers.transport_at == headers.end);
    CHECK(headers.payload_at == headers.end);
    CHECK(headers.source.port() == 0);
  }
}

TEST_CASE("a transport header that is cut still tells its ports", "[wire]") {
  for (const FrameSpec& spec : all_kinds(0)) {
    Frame frame = frame_of(spec);
    frame.resize(spec.transport_at() + 4);
    const PacketHeaders headers = *read_headers(frame);
    CHECK(headers.source.port() == 5000);
    CHECK(headers.destination.port() == 80);
    CHECK(headers.payload_at == headers.end);
  }
}

TEST_CASE("IPv4 fragments are told apart and only the first has ports", "[wire]") {
  Frame frame = frame_of(udp4);
  put_u16(frame, 20, 0x2000);
  const PacketHeaders first = *read_headers(frame);
  CHECK(first.is_fragment);
  CHECK(first.is_first_fragment);
  CHECK(first.source.port() == 5000);
  CHECK(first.fragment_id == udp4.identification);
  for (const std::uint32_t place : {0x2001U, 0x0001U}) {
    put_u16(frame, 20, place);
    const PacketHeaders later = *read_headers(frame);
    CHECK(later.is_fragment);
    CHECK_FALSE(later.is_first_fragment);
    CHECK(later.protocol == Protocol::udp);
    CHECK(later.source.port() == 0);
    CHECK(later.payload_at == later.transport_at);
    CHECK(later.fragment_id == udp4.identification);
  }
  put_u16(frame, 20, 0x4000);  // don't fragment
  CHECK_FALSE(read_headers(frame)->is_fragment);
}

TEST_CASE("IPv6 fragments are told apart and only the first has ports", "[wire]") {
  const PacketHeaders first = *read_headers(fragment6(17, 1));
  CHECK(first.is_first_fragment);
  CHECK(first.source.port() == 5000);
  CHECK(first.fragment_id == 0xcafe0001);
  const PacketHeaders later = *read_headers(fragment6(17, 8));
  CHECK(later.is_fragment);
  CHECK_FALSE(later.is_first_fragment);
  CHECK(later.protocol == Protocol::udp);
  CHECK(later.source.port() == 0);
  CHECK(later.payload_at == later.transport_at);
}

TEST_CASE("the payload of a later IPv6 fragment is not read as a header", "[wire]") {
  // What follows would be a destination options header in the first fragment alone.
  const PacketHeaders later = *read_headers(fragment6(60, 8));
  CHECK(later.is_fragment);
  CHECK(later.transport_at == 62);
  CHECK(later.payload_at == 62);
  CHECK(later.protocol == Protocol::other);
}

TEST_CASE("ICMP's payload lies behind its header of 8 octets", "[wire]") {
  Frame four = frame_of(udp4);
  four[23] = std::byte{1};
  CHECK(read_headers(four)->protocol == Protocol::icmp);
  CHECK(read_headers(four)->payload_at == read_headers(four)->transport_at + 8);
  CHECK(read_headers(four)->source.port() == 0);
  Frame six = frame_of(udp6);
  six[20] = std::byte{58};
  CHECK(read_headers(six)->protocol == Protocol::icmpv6);
  CHECK(read_headers(six)->payload_at == read_headers(six)->transport_at + 8);
}

TEST_CASE("ARP and ICMPv6 133 to 137 are neighbour discovery", "[wire]") {
  Frame arp(42);
  put_u16(arp, 12, 0x0806);
  CHECK(read_headers(arp)->protocol == Protocol::arp);
  CHECK(read_headers(arp)->is_neighbour_discovery);
  CHECK_FALSE(read_headers(arp)->ip_version);
  CHECK(read_headers(arp)->ip_octets == 28);
  Frame six = frame_of(udp6);
  six[20] = std::byte{58};
  for (unsigned type = 0; type < 256; ++type) {
    six[54] = static_cast<std::byte>(type);
    CHECK(read_headers(six)->is_neighbour_discovery == (type >= 133 && type <= 137));
  }
}

TEST_CASE("frames cut at any length and changed at random are read without harm", "[wire]") {
  std::mt19937 random(1);
  for (FrameSpec spec : all_kinds(60)) {
    for (int round = 0; round < 60; ++round) {
      Frame frame = frame_of(spec);
      for (int i = 0; i < round % 8; ++i) {
        frame[12 + random() % (spec.payload_at() - 12)] = static_cast<std::byte>(random());
      }
      for (std::size_t length = 0; length <= frame.size(); ++length) {
        // Of its own, so that a sanitizer sees the first octet behind it.
        Frame cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
        const auto headers = read_headers(cut);
        REQUIRE(headers.has_value() == (length >= 14));
        if (!headers) continue;
        check_order(*headers, length);
        mark_congestion(cut, *headers);
        flip_bit(cut, *headers, random());
        swap_words(cut, *headers, random());
        Offload offload{.partial_checksum = true,
                        .checksum_from = static_cast<std::uint16_t>(random() % 200),
                        .checksum_at = static_cast<std::uint16_t>(random() % 200)};
        complete_checksum(cut, offload);
      }
    }
  }
}

TEST_CASE("random octets are read without harm", "[wire]") {
  std::mt19937 random(2);
  constexpr std::uint32_t types[] = {0x0800, 0x86dd, 0x8100, 0x0806};
  for (int round = 0; round < 20000; ++round) {
    Frame frame(14 + random() % 120);
    for (std::byte& octet : frame) octet = static_cast<std::byte>(random());
    put_u16(frame, 12, types[random() % 4]);
    check_order(*read_headers(frame), frame.size());
  }
}

TEST_CASE("sums of any length and start agree with the plain ones", "[wire]") {
  const Frame frame = frame_of({.payload = 90});
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t length = 0; length < 60; ++length) {
      const Bytes part = Bytes(frame).subspan(from, length);
      REQUIRE(internet_sum(part, 7) == plain_sum(part, 7));
    }
  }
  const Frame full(70000, std::byte{0xff});
  CHECK(internet_sum(full) == 0xffff);
  CHECK(internet_sum({}) == 0);
  CHECK(internet_sum({}, 0x1ffff) == 1);
}

TEST_CASE("sums may be chained", "[wire]") {
  const Frame frame = frame_of({.payload = 333});
  for (std::size_t cut = 0; cut < frame.size(); cut += 2) {
    const Bytes all(frame);
    REQUIRE(internet_sum(all.subspan(cut), internet_sum(all.first(cut))) == plain_sum(all));
  }
}

TEST_CASE("a partial checksum is filled in once and padding is not summed", "[wire]") {
  for (const FrameSpec& spec : all_kinds(101)) {
    for (unsigned seed = 0; seed < 20; ++seed) {
      Frame frame = frame_of(spec, seed);
      const Frame right = sealed(frame, spec);
      put_u16(frame, spec.checksum_at(), plain_pseudo_sum(frame, spec));
      frame.resize(frame.size() + 9, std::byte{0xa5});
      Offload offload{.partial_checksum = true,
                      .checksum_from = static_cast<std::uint16_t>(spec.transport_at()),
                      .checksum_at = static_cast<std::uint16_t>(spec.checksum_at())};
      complete_checksum(frame, offload);
      CHECK_FALSE(offload.partial_checksum);
      CHECK(std::equal(right.begin(), right.end(), frame.begin()));
      const Frame once = frame;
      complete_checksum(frame, offload);
      CHECK(frame == once);
    }
  }
}

TEST_CASE("a checksum that comes to 0 is sent as 0xffff by UDP alone", "[wire]") {
  for (const bool tcp : {false, true}) {
    const FrameSpec spec{.tcp = tcp, .payload = 2};
    Frame frame = frame_of(spec);
    put_u16(frame, spec.payload_at(), 0);
    const std::uint32_t rest =
        plain_sum(Bytes(frame).subspan(spec.transport_at()), plain_pseudo_sum(frame, spec));
    put_u16(frame, spec.payload_at(), 0xffff - rest);
    put_u16(frame, spec.checksum_at(), plain_pseudo_sum(frame, spec));
    Offload offload{.partial_checksum = true,
                    .checksum_from = static_cast<std::uint16_t>(spec.transport_at()),
                    .checksum_at = static_cast<std::uint16_t>(spec.checksum_at())};
    complete_checksum(frame, offload);
    CHECK(get_u16(frame, spec.checksum_at()) == (tcp ? 0 : 0xffff));
  }
}

TEST_CASE("a checksum whose place is not in the frame stays undone", "[wire]") {
  const Frame before = frame_of(udp4);
  for (const std::size_t at : {before.size() - 1, before.size(), std::size_t{65535}}) {
    Frame frame = before;
    Offload offload{.partial_checksum = true,
                    .checksum_from = 34,
                    .checksum_at = static_cast<std::uint16_t>(at)};
    complete_checksum(frame, offload);
    CHECK(frame == before);
    CHECK(offload.partial_checksum);
  }
}

TEST_CASE("a mark sets CE alone and leaves an IPv4 header's checksum right", "[wire]") {
  for (const FrameSpec& spec : all_kinds(10)) {
    for (std::uint32_t ecn = 0; ecn < 4; ++ecn) {
      Frame frame = frame_of(spec);
      const std::size_t ip = spec.ip_at();
      frame[ip + 1] |= static_cast<std::byte>(spec.v4() ? ecn : ecn << 4);
      if (spec.v4()) {
        put_u16(frame, ip + 10, 0);
        const Bytes header = Bytes(frame).subspan(ip, spec.transport_at() - ip);
        put_u16(frame, ip + 10, ~std::uint32_t{plain_sum(header)} & 0xffff);
      }
      Frame expected = frame;
      mark_congestion(frame, *read_headers(frame));
      CHECK(read_headers(frame)->ecn == 3);
      if (spec.v4()) CHECK(ipv4_checksum_is_right(frame, spec));
      expected[ip + 1] = frame[ip + 1];
      if (spec.v4()) put_u16(expected, ip + 10, get_u16(frame, ip + 10));
      CHECK(frame == expected);
    }
  }
}

TEST_CASE("one bit is flipped, of the transport's header or payload", "[wire]") {
  for (const FrameSpec& spec : all_kinds(20)) {
    Frame before = frame_of(spec);
    before.resize(before.size() + 8);
    const PacketHeaders headers = *read_headers(before);
    const std::size_t bits = 8 * (headers.end - headers.transport_at);
    std::vector<bool> flipped(bits);
    for (std::uint64_t random = 0; random < bits; ++random) {
      Frame frame = before;
      REQUIRE(flip_bit(frame, headers, random));
      std::size_t changed = 0;
      for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
        const std::byte mask{static_cast<unsigned char>(1U << bit % 8)};
        if ((frame[bit / 8] & mask) == (before[bit / 8] & mask)) continue;
        ++changed;
        REQUIRE(bit / 8 >= headers.transport_at);
        flipped.at(bit - 8 * headers.transport_at) = true;
      }
      REQUIRE(changed == 1);
    }
    CHECK(std::count(flipped.begin(), flipped.end(), true) == static_cast<std::ptrdiff_t>(bits));
  }
  Frame arp(42);
  put_u16(arp, 12, 0x0806);
  CHECK_FALSE(flip_bit(arp, *read_headers(arp), 5));
}

TEST_CASE("swapped words change the payload and no checksum sees it", "[wire]") {
  for (const FrameSpec& spec : all_kinds(201)) {
    const Frame right = sealed(frame_of(spec), spec);
    const PacketHeaders headers = *read_headers(right);
    REQUIRE(checksum_is_right(right, spec));
    for (std::uint64_t n = 0; n < 300; ++n) {
      Frame swapped = right;
      REQUIRE(swap_words(swapped, headers, n * 0x9e3779b97f4a7c15ULL));
      REQUIRE(swapped != right);
      REQUIRE(checksum_is_right(swapped, spec));
      REQUIRE(std::equal(right.begin(),
                         right.begin() + static_cast<std::ptrdiff_t>(spec.payload_at()),
                         swapped.begin()));
    }
  }
}

TEST_CASE("two words that differ are found wherever they are", "[wire]") {
  const FrameSpec spec{.payload = 41};
  Frame even = frame_of(spec);
  std::fill(even.begin() + static_cast<std::ptrdiff_t>(spec.payload_at()), even.end(),
            std::byte{7});
  even.back() = std::byte{9};  // half a word, which is never swapped
  std::mt19937_64 random(3);
  for (std::size_t place = 0; place < 40; ++place) {
    Frame odd = even;
    odd[spec.payload_at() + place] = std::byte{8};
    for (int i = 0; i < 20; ++i) {
      Frame frame = odd;
      const std::uint64_t bits = random();
      REQUIRE(swap_words(frame, *read_headers(frame), bits));
      REQUIRE(frame != odd);
      REQUIRE_FALSE(swap_words(even, *read_headers(even), bits));
    }
  }
  for (const std::size_t payload : {0U, 1U, 2U, 3U}) {
    Frame frame = frame_of({.payload = payload});
    CHECK_FALSE(swap_words(frame, *read_headers(frame), 1));
  }
}
