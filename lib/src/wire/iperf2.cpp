#include "wire/iperf2.hpp"

#include <cassert>
#include <limits>

#include "wire/octets.hpp"

namespace netduel::iperf2 {
namespace {

/// Numbers have 64 bits. All other flags tell of what follows them, which is left out here.
constexpr std::uint32_t numbers_of_64_bits = 0x08000000;

std::int64_t signed_number(Bytes datagram) {
  const std::uint32_t lower = get_u32(datagram, 0);
  const bool wide =
      datagram.size() >= header_octets && (get_u32(datagram, 16) & numbers_of_64_bits) != 0;
  if (!wide) return static_cast<std::int32_t>(lower);
  return static_cast<std::int64_t>(std::uint64_t{get_u32(datagram, 12)} << 32 | lower);
}

}  // namespace

void encode(const DatagramHeader& header, std::span<std::byte> datagram) {
  assert(datagram.size() >= header_octets);
  assert(header.number > 0 && header.number <= std::numeric_limits<std::int64_t>::max());
  const auto seconds = std::chrono::floor<std::chrono::seconds>(header.sent);
  const auto rest = std::chrono::floor<std::chrono::microseconds>(header.sent - seconds);
  const std::uint64_t number = header.last ? ~header.number + 1 : header.number;
  put_u32(datagram, 0, static_cast<std::uint32_t>(number & 0xffffffff));
  put_u32(datagram, 4, static_cast<std::uint32_t>(seconds.time_since_epoch().count() & 0xffffffff));
  put_u32(datagram, 8, static_cast<std::uint32_t>(rest.count()));
  put_u32(datagram, 12, static_cast<std::uint32_t>(number >> 32));
  put_u32(datagram, 16, numbers_of_64_bits);
}

std::optional<DatagramHeader> decode_datagram(Bytes datagram) {
  if (datagram.size() < least_octets) return std::nullopt;
  const std::int64_t number = signed_number(datagram);
  const std::uint32_t microseconds = get_u32(datagram, 8);
  if (number == 0 || number == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  if (microseconds >= 1'000'000) return std::nullopt;
  const auto since_epoch =
      std::chrono::seconds(get_u32(datagram, 4)) + std::chrono::microseconds(microseconds);
  return DatagramHeader{.number = static_cast<std::uint64_t>(number < 0 ? -number : number),
                        .sent = WallTime(since_epoch),
                        .last = number < 0};
}

}  // namespace netduel::iperf2
