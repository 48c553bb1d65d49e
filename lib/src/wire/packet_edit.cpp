#include <bit>
#include <cstring>

#include "wire/octets.hpp"
#include "wire/packet.hpp"

namespace netduel {
namespace {

constexpr std::uint16_t udp_checksum_offset = 6;

std::uint64_t swapped_if_little(std::uint64_t sum) {
  // RFC 1071, section 2 (B): a sum of swapped words is the swapped sum.
  const std::uint16_t folded = fold(sum);
  if constexpr (std::endian::native == std::endian::big) return folded;
  return static_cast<std::uint16_t>(folded << 8 | folded >> 8);
}

std::uint16_t word_at(std::span<const std::byte> frame, std::size_t at) {
  return get_u16(frame, at);
}

}  // namespace

std::uint32_t internet_sum(Bytes octets, std::uint32_t before) {
  std::uint64_t sum = 0;
  const std::byte* at = octets.data();
  std::size_t left = octets.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, at, sizeof eight);
    sum += (eight & 0xffffffff) + (eight >> 32);
  }
  for (; left >= 2; left -= 2, at += 2) {
    std::uint16_t two = 0;
    std::memcpy(&two, at, sizeof two);
    sum += two;
  }
  if (left == 1) {
    std::uint16_t last = 0;
    std::memcpy(&last, at, 1);
    sum += last;
  }
  return fold(std::uint64_t{before} + swapped_if_little(sum));
}

void complete_checksum(std::span<std::byte> frame, Offload& offload) {
  if (!offload.partial_checksum) return;
  const std::size_t from = offload.checksum_from;
  const std::size_t at = offload.checksum_at;
  if (at < from || at + 2 > frame.size()) return;
  // Padding behind the IP packet is zeros or not of the sum.
  std::size_t end = frame.size();
  if (const auto headers = read_headers(frame); headers && headers->end >= at + 2) {
    end = headers->end;
  }
  std::uint32_t sum = internet_sum(frame.subspan(from, end - from));
  sum = ~sum & 0xffff;
  if (sum == 0 && at == from + udp_checksum_offset) sum = 0xffff;  // RFC 768: 0 means none
  put_u16(frame, at, sum);
  offload.partial_checksum = false;
}

void mark_congestion(std::span<std::byte> frame, const PacketHeaders& headers) {
  if (!headers.ip_version) return;
  const std::size_t at = headers.ip_at;
  if (headers.ip_version == IpVersion::v6) {
    frame[at + 1] |= std::byte{0x30};
    return;
  }
  // RFC 1624, equation 3.
  const std::uint16_t before = get_u16(frame, at);
  frame[at + 1] |= std::byte{3};
  const std::uint16_t after = get_u16(frame, at);
  const std::uint32_t checksum = get_u16(frame, at + 10);
  const std::uint32_t sum = (~checksum & 0xffff) + (~std::uint32_t{before} & 0xffff) + after;
  put_u16(frame, at + 10, ~std::uint32_t{fold(sum)} & 0xffff);
}

bool flip_bit(std::span<std::byte> frame, const PacketHeaders& headers, std::uint64_t random) {
  if (headers.end <= headers.transport_at || headers.end > frame.size()) return false;
  const std::uint64_t bits = (headers.end - headers.transport_at) * 8;
  const std::uint64_t bit = random % bits;
  frame[headers.transport_at + static_cast<std::size_t>(bit / 8)] ^=
      static_cast<std::byte>(1U << (bit % 8));
  return true;
}

bool swap_words(std::span<std::byte> frame, const PacketHeaders& headers, std::uint64_t random) {
  const std::size_t first = headers.payload_at + (headers.payload_at - headers.transport_at) % 2;
  if (headers.end > frame.size() || headers.end < first + 4) return false;
  const std::size_t words = (headers.end - first) / 2;
  const std::size_t one = static_cast<std::size_t>(random >> 32) % words;
  const std::size_t start = static_cast<std::size_t>(random & 0xffffffff) % words;
  for (std::size_t i = 0; i < words; ++i) {
    const std::size_t other = (start + i) % words;
    const std::uint16_t a = word_at(frame, first + 2 * one);
    const std::uint16_t b = word_at(frame, first + 2 * other);
    if (a == b) continue;
    put_u16(frame, first + 2 * one, b);
    put_u16(frame, first + 2 * other, a);
    return true;
  }
  return false;
}

}  // namespace netduel
