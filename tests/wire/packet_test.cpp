#include "wire/packet.hpp"

#include <random>
#include <vector>

#include "support/catch.hpp"
#include "wire/octets.hpp"

using namespace netduel;

namespace {

using Frame = std::vector<std::byte>;

constexpr std::size_t ethernet = 14;
constexpr std::size_t udp = 8;
constexpr std::size_t tcp = 20;

/// Independent of the code under test: a plain sum of 16-bit words, folded.
std::uint16_t plain_sum(Bytes octets, std::uint64_t sum = 0) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto octet = std::to_integer<std::uint64_t>(octets[i]);
    sum += i % 2 == 0 ? octet << 8 : octet;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

Frame frame_of(IpVersion version, bool is_tcp, std::size_t payload) {
  const bool v4 = version == IpVersion::v4;
  const std::size_t ip = v4 ? 20 : 40;
  const std::size_t transport = is_tcp ? tcp : udp;
  Frame frame(ethernet + ip + transport + payload);
  put_u16(frame, 12, v4 ? 0x0800 : 0x86dd);
  const std::size_t at = ethernet;
  const auto protocol = static_cast<std::byte>(is_tcp ? 6 : 17);
  const auto after_ip = static_cast<std::uint32_t>(transport + payload);
  if (v4) {
    frame[at] = std::byte{0x45};
    put_u16(frame, at + 2, after_ip + 20);
    put_u16(frame, at + 4, 0xfffe);
    frame[at + 8] = std::byte{64};
    frame[at + 9] = protocol;
    put_u32(frame, at + 12, 0x0a4d0001);
    put_u32(frame, at + 16, 0x0a4d0002);
    put_u16(frame, at + 10, ~std::uint32_t{plain_sum(Bytes(frame).subspan(at, 20))} & 0xffff);
  } else {
    frame[at] = std::byte{0x60};
    put_u16(frame, at + 4, after_ip);
    frame[at + 6] = protocol;
    frame[at + 8] = std::byte{0xfd};
    frame[at + 23] = std::byte{1};
    frame[at + 24] = std::byte{0xfd};
    frame[at + 39] = std::byte{2};
  }
  put_u16(frame, at + ip, 5000);
  put_u16(frame, at + ip + 2, 80);
  if (is_tcp) {
    put_u32(frame, at + ip + 4, 0xfffffff0);
    frame[at + ip + 12] = std::byte{0x50};
    frame[at + ip + 13] = std::byte{0x99};  // CWR, ACK, PSH, FIN
  } else {
    put_u16(frame, at + ip + 4, after_ip);
  }
  std::mt19937 random(static_cast<unsigned>(payload));
  for (std::size_t i = at + ip + transport; i < frame.size(); ++i) {
    frame[i] = static_cast<std::byte>(random() & 0xff);
  }
  return frame;
}

/// Whether the transport's checksum is right, by the independent sum.
bool checksum_is_right(const Frame& frame) {
  const PacketHeaders headers = *read_headers(frame);
  const bool v4 = headers.ip_version == IpVersion::v4;
  const Bytes addresses = Bytes(frame).subspan(ethernet + (v4 ? 12 : 8), v4 ? 8 : 32);
  const std::uint64_t length = headers.end - headers.transport_at;
  const std::uint64_t protocol = headers.protocol == Protocol::tcp ? 6 : 17;
  const std::uint64_t pseudo = std::uint64_t{plain_sum(addresses)} + protocol + length;
  return plain_sum(Bytes(frame).subspan(headers.transport_at, length), pseudo) == 0xffff;
}

Offload super_packet(const Frame& frame, std::uint16_t step) {
  const PacketHeaders headers = *read_headers(frame);
  Offload offload;
  offload.partial_checksum = true;
  offload.segments =
      headers.protocol == Protocol::tcp ? Offload::Segments::tcp : Offload::Segments::udp;
  offload.segment_octets = step;
  return offload;
}

Frame segment(const Segmenter& segments, std::size_t index) {
  Frame one(segments.frame_octets(index));
  segments.write(index, one);
  return one;
}

}  // namespace

TEST_CASE("headers tell protocol, endpoints and where the payload lies", "[wire]") {
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    for (const bool is_tcp : {false, true}) {
      const Frame frame = frame_of(version, is_tcp, 100);
      const auto headers = read_headers(frame);
      REQUIRE(headers);
      CHECK(headers->protocol == (is_tcp ? Protocol::tcp : Protocol::udp));
      CHECK(headers->source.port() == 5000);
      CHECK(headers->destination.port() == 80);
      CHECK(headers->end - headers->payload_at == 100);
      CHECK(headers->ip_octets == frame.size() - ethernet);
      CHECK(headers->tcp_sequence_length == (is_tcp ? 101 : 0));
    }
  }
}

TEST_CASE("cut and random frames are read without harm", "[wire]") {
  std::mt19937 random(1);
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    for (int round = 0; round < 300; ++round) {
      Frame frame = frame_of(version, round % 2 == 0, 60);
      for (int i = 0; i < 6; ++i) frame[random() % frame.size()] = static_cast<std::byte>(random());
      for (std::size_t length = 0; length <= frame.size(); ++length) {
        const Frame cut(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(length));
        const auto headers = read_headers(cut);
        if (!headers) continue;
        REQUIRE(headers->end <= cut.size());
        REQUIRE(headers->payload_at <= headers->end);
        REQUIRE(headers->transport_at <= headers->payload_at);
      }
    }
  }
}

TEST_CASE("segments are what the super-packet's sender meant", "[wire]") {
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    for (const bool is_tcp : {false, true}) {
      const Frame frame = frame_of(version, is_tcp, 2500);
      const PacketHeaders whole = *read_headers(frame);
      const Segmenter segments(frame, whole, super_packet(frame, 1000));
      REQUIRE(segments.count() == 3);
      std::size_t ip_octets = 0;
      for (std::size_t n = 0; n < 3; ++n) {
        Frame one = segment(segments, n);
        Offload offload = segments.offload();
        complete_checksum(one, offload);
        INFO("segment " << n << ", TCP " << is_tcp);
        CHECK_FALSE(offload.partial_checksum);
        CHECK(checksum_is_right(one));
        const PacketHeaders headers = *read_headers(one);
        CHECK(headers.end == one.size());
        CHECK(headers.end - headers.payload_at == (n < 2 ? 1000 : 500));
        CHECK(std::equal(one.begin() + static_cast<std::ptrdiff_t>(headers.payload_at), one.end(),
                         frame.begin() + static_cast<std::ptrdiff_t>(whole.payload_at + 1000 * n)));
        if (version == IpVersion::v4) {
          CHECK(plain_sum(Bytes(one).subspan(ethernet, 20)) == 0xffff);
          CHECK(get_u16(one, ethernet + 4) == ((0xfffe + n) & 0xffff));
        }
        if (is_tcp) {
          CHECK(headers.tcp_sequence == static_cast<std::uint32_t>(0xfffffff0 + 1000 * n));
          CHECK(get_u8(one, headers.transport_at + 13) == (n == 0 ? 0x90 : n == 1 ? 0x10 : 0x19));
        }
        ip_octets += headers.ip_octets;
      }
      CHECK(segments.ip_octets() == ip_octets);
    }
  }
}

TEST_CASE("a flipped bit is seen by the checksum and swapped words are not", "[wire]") {
  for (const bool is_tcp : {false, true}) {
    Frame frame = frame_of(IpVersion::v4, is_tcp, 200);
    const Segmenter segments(frame, *read_headers(frame), super_packet(frame, 200));
    Frame right = segment(segments, 0);
    Offload offload = segments.offload();
    complete_checksum(right, offload);
    const PacketHeaders headers = *read_headers(right);
    for (std::uint64_t random = 0; random < 500; ++random) {
      Frame swapped = right;
      REQUIRE(swap_words(swapped, headers, random * 0x9e3779b97f4a7c15ULL));
      REQUIRE(swapped != right);
      REQUIRE(checksum_is_right(swapped));
      Frame flipped = right;
      // In the payload, as a flipped length is no packet that the sum here could be taken of.
      REQUIRE(flip_bit(flipped, headers, 8 * (headers.payload_at - headers.transport_at) + random));
      REQUIRE_FALSE(checksum_is_right(flipped));
    }
  }
}

TEST_CASE("a mark leaves an IPv4 header's checksum right", "[wire]") {
  Frame frame = frame_of(IpVersion::v4, true, 10);
  mark_congestion(frame, *read_headers(frame));
  CHECK(read_headers(frame)->ecn == 3);
  CHECK(plain_sum(Bytes(frame).subspan(ethernet, 20)) == 0xffff);
  Frame six = frame_of(IpVersion::v6, true, 10);
  mark_congestion(six, *read_headers(six));
  CHECK(read_headers(six)->ecn == 3);
}

TEST_CASE("sums of any length and start agree with the plain ones", "[wire]") {
  const Frame frame = frame_of(IpVersion::v6, false, 90);
  for (std::size_t from = 0; from < 9; ++from) {
    for (std::size_t length = 0; length < 60; ++length) {
      const Bytes part = Bytes(frame).subspan(from, length);
      REQUIRE(internet_sum(part, 7) == plain_sum(part, 7));
    }
  }
}
