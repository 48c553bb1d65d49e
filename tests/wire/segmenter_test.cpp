#include <algorithm>
#include <memory>
#include <random>

#include "support/catch.hpp"
#include "wire/frames.hpp"
#include "wire/octets.hpp"
#include "wire/packet.hpp"

using namespace netduel;
using namespace netduel::test;

namespace {

constexpr std::uint8_t cwr_ack_psh_fin = 0x99;

Offload super_packet(const FrameSpec& spec, std::size_t step) {
  return {.partial_checksum = true,
          .checksum_from = static_cast<std::uint16_t>(spec.transport_at()),
          .checksum_at = static_cast<std::uint16_t>(spec.checksum_at()),
          .segments = spec.tcp ? Offload::Segments::tcp : Offload::Segments::udp,
          .segment_octets = static_cast<std::uint16_t>(step),
          .header_octets = static_cast<std::uint16_t>(spec.payload_at())};
}

Frame segment(const Segmenter& segments, std::size_t index) {
  Frame one(segments.frame_octets(index));
  segments.write(index, one);
  return one;
}

/// What a segment's own spec is; its frame is made independently of the code under test.
FrameSpec part_of(const FrameSpec& whole, std::size_t step, std::size_t index, std::size_t count) {
  FrameSpec part = whole;
  part.payload = std::min(step, whole.payload - index * step);
  part.identification = static_cast<std::uint16_t>(whole.identification + index);
  part.sequence = static_cast<std::uint32_t>(whole.sequence + index * step);
  if (index > 0) part.tcp_flags &= 0x7f;
  if (index + 1 < count) part.tcp_flags &= 0xf6;
  return part;
}

void check_segments(const FrameSpec& whole, std::size_t step, const Frame& frame,
                    const Offload& offload) {
  const Segmenter segments(frame, *read_headers(frame), offload);
  const std::size_t count = (whole.payload + step - 1) / step;
  REQUIRE(segments.count() == count);
  std::size_t ip_octets = 0;
  for (std::size_t n = 0; n < count; ++n) {
    const FrameSpec part = part_of(whole, step, n, count);
    Frame expected = frame_of(part);
    std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(whole.payload_at() + n * step),
                part.payload, expected.begin() + static_cast<std::ptrdiff_t>(part.payload_at()));
    Frame one = segment(segments, n);
    REQUIRE(one.size() == expected.size());
    REQUIRE(get_u16(one, part.checksum_at()) == plain_pseudo_sum(one, part));
    Offload rest = segments.offload();
    complete_checksum(one, rest);
    REQUIRE_FALSE(rest.partial_checksum);
    REQUIRE(checksum_is_right(one, part));
    if (part.v4()) REQUIRE(ipv4_checksum_is_right(one, part));
    REQUIRE(one == sealed(expected, part));
    ip_octets += read_headers(one)->ip_octets;
  }
  CHECK(segments.ip_octets() == ip_octets);
}

}  // namespace

TEST_CASE("segments are what the super-packet's sender meant", "[wire]") {
  for (FrameSpec spec : all_kinds(2500)) {
    spec.tcp_flags = cwr_ack_psh_fin;
    for (const std::size_t step : {1000U, 1250U, 2499U, 2500U, 2501U, 1U}) {
      check_segments(spec, step, frame_of(spec), super_packet(spec, step));
    }
  }
}

TEST_CASE("the longest super-packets are cut whole", "[wire]") {
  for (const std::size_t octets : {std::size_t{65535 + 14}, std::size_t{90000}}) {
    for (FrameSpec spec : all_kinds(0)) {
      spec.payload = octets - spec.payload_at();
      Frame frame = frame_of(spec);
      if (octets > 65549) put_u16(frame, spec.ip_at() + (spec.v4() ? 2 : 4), 0);
      check_segments(spec, 1448, frame, super_packet(spec, 1448));
    }
  }
}

TEST_CASE("segments of random super-packets are right", "[wire]") {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    for (FrameSpec spec : all_kinds(1 + random() % 3000)) {
      spec.tcp_flags = static_cast<std::uint8_t>(random());
      spec.identification = static_cast<std::uint16_t>(random());
      spec.sequence = static_cast<std::uint32_t>(random());
      const std::size_t step = 100 + random() % 1500;
      check_segments(spec, step, frame_of(spec, static_cast<unsigned>(round)),
                     super_packet(spec, step));
    }
  }
}

TEST_CASE("a segmenter needs the headers it was given no longer", "[wire]") {
  const FrameSpec spec{.payload = 300};
  const Frame frame = frame_of(spec);
  auto headers = std::make_unique<PacketHeaders>(*read_headers(frame));
  const Segmenter segments(frame, *headers, super_packet(spec, 200));
  *headers = {};
  CHECK(segments.frame_octets(0) == spec.payload_at() + 200);
  CHECK(read_headers(segment(segments, 1))->payload_at == spec.payload_at());
}

TEST_CASE("a wrong guess at the length of the headers harms no segment", "[wire]") {
  // The kernel says where its linear part ends, which may be well within the payload.
  for (const FrameSpec& spec : all_kinds(900)) {
    for (const std::size_t guess : {std::size_t{0}, spec.payload_at() - 4, spec.payload_at() + 100,
                                    spec.octets(), std::size_t{65535}}) {
      Offload offload = super_packet(spec, 400);
      offload.header_octets = static_cast<std::uint16_t>(guess);
      check_segments(spec, 400, frame_of(spec), offload);
    }
  }
}

TEST_CASE("segments carry their place of checksum whether or not one was due", "[wire]") {
  for (const FrameSpec& spec : all_kinds(900)) {
    Offload offload = super_packet(spec, 400);
    offload.partial_checksum = false;
    offload.checksum_from = offload.checksum_at = 0;
    const Frame frame = sealed(frame_of(spec), spec);
    check_segments(spec, 400, frame, offload);
    const Offload expected{.partial_checksum = true,
                           .checksum_from = static_cast<std::uint16_t>(spec.transport_at()),
                           .checksum_at = static_cast<std::uint16_t>(spec.checksum_at())};
    CHECK(Segmenter(frame, *read_headers(frame), offload).offload() == expected);
  }
}

TEST_CASE("padding behind a super-packet is in no segment", "[wire]") {
  for (const FrameSpec& spec : all_kinds(30)) {
    Frame frame = frame_of(spec);
    frame.resize(frame.size() + 18, std::byte{0xee});
    check_segments(spec, 20, frame, super_packet(spec, 20));
  }
}

TEST_CASE("what can't be cut is one segment, as it is", "[wire]") {
  const FrameSpec spec{.tcp = true, .payload = 900, .tcp_flags = cwr_ack_psh_fin};
  Offload offload = super_packet(spec, 400);
  Frame frame = frame_of(spec);
  SECTION("because nobody asks for it") {
    offload.segments = Offload::Segments::none;
  }
  SECTION("because no length is said") {
    offload.segment_octets = 0;
  }
  SECTION("because there is no payload") {
    frame = frame_of({.tcp = true});
  }
  SECTION("because it is of another protocol") {
    offload.segments = Offload::Segments::udp;
  }
  SECTION("because it is a fragment") {
    put_u16(frame, 20, 0x2000);
  }
  SECTION("because its TCP header is malformed") {
    frame[46] = std::byte{0x40};
  }
  const PacketHeaders headers = *read_headers(frame);
  const Segmenter segments(frame, headers, offload);
  REQUIRE(segments.count() == 1);
  CHECK(segment(segments, 0) == frame);
  CHECK(segments.ip_octets() == headers.ip_octets);
  Offload rest = offload;
  rest.segments = Offload::Segments::none;
  rest.segment_octets = 0;
  rest.header_octets = 0;
  CHECK(segments.offload() == rest);
}

TEST_CASE("hostile super-packets are cut without harm", "[wire]") {
  std::mt19937 random(5);
  for (const FrameSpec& spec : all_kinds(60)) {
    for (int round = 0; round < 2000; ++round) {
      Frame frame = frame_of(spec);
      for (int i = 0; i < round % 8; ++i) {
        frame[12 + random() % (spec.payload_at() - 12)] = static_cast<std::byte>(random());
      }
      frame.resize(14 + random() % (frame.size() - 13));
      frame.shrink_to_fit();
      Offload offload = super_packet(spec, 1 + random() % 70);
      offload.header_octets = static_cast<std::uint16_t>(random());
      const PacketHeaders headers = *read_headers(frame);
      const Segmenter segments(frame, headers, offload);
      for (std::size_t n = 0; n < segments.count(); ++n) {
        Frame one = segment(segments, n);
        REQUIRE(one.size() <= frame.size());
        Offload rest = segments.offload();
        complete_checksum(one, rest);
      }
    }
  }
}
