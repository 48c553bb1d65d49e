#include <algorithm>
#include <array>

#include "wire/octets.hpp"
#include "wire/packet.hpp"

namespace netduel {
namespace {

constexpr std::uint32_t protocol_tcp = 6;
constexpr std::uint32_t protocol_udp = 17;
constexpr std::size_t ipv6_header_octets = 40;

/// Of the pseudo-header (RFC 9293, section 3.1; RFC 8200, section 8.1).
std::uint16_t pseudo_header_sum(std::span<const std::byte> frame, const PacketHeaders& headers,
                                std::uint32_t protocol, std::size_t transport_octets) {
  const bool v4 = headers.ip_version == IpVersion::v4;
  const std::size_t addresses = headers.ip_at + (v4 ? 12 : 8);
  const std::uint32_t sum = internet_sum(frame.subspan(addresses, v4 ? 8 : 32));
  const auto length = static_cast<std::uint64_t>(transport_octets);
  return fold(std::uint64_t{sum} + protocol + (length & 0xffff) + (length >> 16));
}

}  // namespace

Segmenter::Segmenter(Bytes frame, const PacketHeaders& headers, const Offload& offload)
    : frame_(frame), headers_(headers), header_octets_(headers.payload_at) {
  // The offload's header_octets are a hint (Virtio 1.2, section 5.1.6.2) that may reach into the
  // payload; what was parsed is right.
  segment_offload_ = offload;
  segment_offload_.segments = Offload::Segments::none;
  segment_offload_.segment_octets = 0;
  segment_offload_.header_octets = 0;
  const Protocol wanted =
      offload.segments == Offload::Segments::udp ? Protocol::udp : Protocol::tcp;
  const bool can = offload.segments != Offload::Segments::none && offload.segment_octets > 0 &&
                   headers.ip_version && headers.protocol == wanted && !headers.is_fragment &&
                   headers.payload_at < headers.end && headers.end <= frame.size();
  if (!can) return;
  kind_ = offload.segments;
  step_ = offload.segment_octets;
  count_ = (headers.end - headers.payload_at + step_ - 1) / step_;
  segment_offload_.partial_checksum = true;
  segment_offload_.checksum_from = static_cast<std::uint16_t>(headers.transport_at);
  const std::size_t field = kind_ == Offload::Segments::tcp ? 16 : 6;
  segment_offload_.checksum_at = static_cast<std::uint16_t>(headers.transport_at + field);
}

std::size_t Segmenter::frame_octets(std::size_t index) const {
  if (kind_ == Offload::Segments::none) return frame_.size();
  const std::size_t payload = headers_.end - headers_.payload_at;
  return header_octets_ + std::min(step_, payload - index * step_);
}

std::size_t Segmenter::ip_octets() const {
  if (kind_ == Offload::Segments::none) return headers_.ip_octets;
  return headers_.end - headers_.payload_at + count_ * (header_octets_ - headers_.ip_at);
}

void Segmenter::write(std::size_t index, std::span<std::byte> out) const {
  if (kind_ == Offload::Segments::none) {
    std::ranges::copy(frame_, out.begin());
    return;
  }
  std::ranges::copy(frame_.first(header_octets_), out.begin());
  std::ranges::copy(frame_.subspan(header_octets_ + index * step_, out.size() - header_octets_),
                    out.begin() + static_cast<std::ptrdiff_t>(header_octets_));
  const std::size_t ip = headers_.ip_at;
  const std::size_t transport = headers_.transport_at;
  const std::size_t transport_octets = out.size() - transport;
  if (headers_.ip_version == IpVersion::v4) {
    put_u16(out, ip + 2, static_cast<std::uint32_t>(out.size() - ip));
    put_u16(out, ip + 4, get_u16(out, ip + 4) + static_cast<std::uint32_t>(index));
    put_u16(out, ip + 10, 0);
    put_u16(out, ip + 10, ~internet_sum(out.subspan(ip, transport - ip)) & 0xffff);
  } else {
    put_u16(out, ip + 4, static_cast<std::uint32_t>(out.size() - ip - ipv6_header_octets));
  }
  const bool tcp = kind_ == Offload::Segments::tcp;
  if (tcp) {
    constexpr std::byte fin{1}, psh{8}, cwr{0x80};
    const auto before = static_cast<std::uint32_t>(index * step_);
    put_u32(out, transport + 4, headers_.tcp_sequence + before);
    std::byte& flags = out[transport + 13];
    if (index + 1 < count_) flags &= ~(fin | psh);
    if (index > 0) flags &= ~cwr;
  } else {
    put_u16(out, transport + 4, static_cast<std::uint32_t>(transport_octets));
  }
  put_u16(out, segment_offload_.checksum_at,
          pseudo_header_sum(out, headers_, tcp ? protocol_tcp : protocol_udp, transport_octets));
}

}  // namespace netduel
