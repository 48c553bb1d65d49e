#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

#include "wire/octets.hpp"
#include "wire/packet.hpp"

namespace netduel::test {

using Frame = std::vector<std::byte>;

/// What a test frame is made of: UDP or TCP in IP in Ethernet.
struct FrameSpec {
  IpVersion version = IpVersion::v4;
  bool tcp = false;
  std::size_t payload = 0;
  std::size_t tags = 0;  ///< of IEEE 802.1Q
  std::size_t ip_options =
      0;  ///< octets: of IPv4 by 4, else of one destination options header by 8
  std::size_t tcp_options = 0;  ///< octets, by 4
  std::uint8_t tcp_flags = 0x10;
  std::uint16_t identification = 0xfffe;
  std::uint32_t sequence = 0xfffffff0;

  bool v4() const { return version == IpVersion::v4; }
  std::size_t ip_at() const { return 14 + 4 * tags; }
  std::size_t transport_at() const { return ip_at() + (v4() ? 20 : 40) + ip_options; }
  std::size_t payload_at() const { return transport_at() + (tcp ? 20 + tcp_options : 8); }
  std::size_t octets() const { return payload_at() + payload; }
  std::size_t checksum_at() const { return transport_at() + (tcp ? 16 : 6); }
};

/// Independent of the code under test: a plain sum of 16-bit words, folded.
inline std::uint16_t plain_sum(Bytes octets, std::uint64_t sum = 0) {
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const auto octet = std::to_integer<std::uint64_t>(octets[i]);
    sum += i % 2 == 0 ? octet << 8 : octet;
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

/// Of the pseudo-header, by the plain sum.
inline std::uint16_t plain_pseudo_sum(Bytes frame, const FrameSpec& spec) {
  const std::uint64_t start = (frame.size() - spec.transport_at()) + (spec.tcp ? 6U : 17U);
  return plain_sum(frame.subspan(spec.ip_at() + (spec.v4() ? 12 : 8), spec.v4() ? 8 : 32), start);
}

/// Whether the transport's checksum is right, by the plain sum.
inline bool checksum_is_right(Bytes frame, const FrameSpec& spec) {
  return plain_sum(frame.subspan(spec.transport_at()), plain_pseudo_sum(frame, spec)) == 0xffff;
}

inline bool ipv4_checksum_is_right(Bytes frame, const FrameSpec& spec) {
  return plain_sum(frame.subspan(spec.ip_at(), spec.transport_at() - spec.ip_at())) == 0xffff;
}

/// The frame, its payload random by `seed` and its transport's checksum 0.
inline Frame frame_of(const FrameSpec& spec, unsigned seed = 1) {
  Frame frame(spec.octets());
  std::size_t at = 12;
  for (std::size_t i = 0; i < spec.tags; ++i, at += 4) put_u32(frame, at, 0x81000005);
  put_u16(frame, at, spec.v4() ? 0x0800 : 0x86dd);
  const std::size_t ip = spec.ip_at();
  const auto protocol = static_cast<std::byte>(spec.tcp ? 6 : 17);
  if (spec.v4()) {
    frame[ip] = static_cast<std::byte>(0x45 + spec.ip_options / 4);
    put_u16(frame, ip + 2, static_cast<std::uint32_t>(frame.size() - ip));
    put_u16(frame, ip + 4, spec.identification);
    frame[ip + 8] = std::byte{64};
    frame[ip + 9] = protocol;
    put_u32(frame, ip + 12, 0x0a4d0001);
    put_u32(frame, ip + 16, 0x0a4d0002);
    for (std::size_t i = 0; i < spec.ip_options; ++i) frame[ip + 20 + i] = std::byte{1};
    const Bytes header = Bytes(frame).subspan(ip, spec.transport_at() - ip);
    put_u16(frame, ip + 10, ~std::uint32_t{plain_sum(header)} & 0xffff);
  } else {
    frame[ip] = std::byte{0x60};
    put_u16(frame, ip + 4, static_cast<std::uint32_t>(frame.size() - ip - 40));
    frame[ip + 6] = spec.ip_options > 0 ? std::byte{60} : protocol;
    frame[ip + 8] = std::byte{0xfd};
    frame[ip + 23] = std::byte{1};
    frame[ip + 24] = std::byte{0xfd};
    frame[ip + 39] = std::byte{2};
    if (spec.ip_options > 0) {
      frame[ip + 40] = protocol;
      frame[ip + 41] = static_cast<std::byte>(spec.ip_options / 8 - 1);
    }
  }
  const std::size_t transport = spec.transport_at();
  put_u16(frame, transport, 5000);
  put_u16(frame, transport + 2, 80);
  if (spec.tcp) {
    put_u32(frame, transport + 4, spec.sequence);
    put_u32(frame, transport + 8, 0x01020304);
    frame[transport + 12] = static_cast<std::byte>((5 + spec.tcp_options / 4) << 4);
    frame[transport + 13] = static_cast<std::byte>(spec.tcp_flags);
    for (std::size_t i = 0; i < spec.tcp_options; ++i) frame[transport + 20 + i] = std::byte{1};
  } else {
    put_u16(frame, transport + 4, static_cast<std::uint32_t>(frame.size() - transport));
  }
  std::mt19937 random(seed);
  for (std::size_t i = spec.payload_at(); i < frame.size(); ++i) {
    frame[i] = static_cast<std::byte>(random() & 0xff);
  }
  return frame;
}

/// The same with the transport's checksum filled in, by the plain sum.
inline Frame sealed(Frame frame, const FrameSpec& spec) {
  put_u16(frame, spec.checksum_at(), 0);
  std::uint32_t sum =
      plain_sum(Bytes(frame).subspan(spec.transport_at()), plain_pseudo_sum(frame, spec));
  sum = ~sum & 0xffff;
  put_u16(frame, spec.checksum_at(), sum == 0 && !spec.tcp ? 0xffff : sum);
  return frame;
}

/// One of each: both versions of IP with UDP and TCP, plain and with tags and options.
inline std::vector<FrameSpec> all_kinds(std::size_t payload) {
  std::vector<FrameSpec> kinds;
  for (const IpVersion version : {IpVersion::v4, IpVersion::v6}) {
    for (const bool tcp : {false, true}) {
      kinds.push_back({.version = version, .tcp = tcp, .payload = payload});
      kinds.push_back({.version = version,
                       .tcp = tcp,
                       .payload = payload,
                       .tags = 2,
                       .ip_options = 8,
                       .tcp_options = 12});
    }
  }
  return kinds;
}

}  // namespace netduel::test
