#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "netduel/base/message.hpp"

namespace netduel {

// Numbers in network byte order within some octets; the caller has looked that they are there.

inline std::uint8_t get_u8(Bytes from, std::size_t at) {
  return std::to_integer<std::uint8_t>(from[at]);
}

inline std::uint16_t get_u16(Bytes from, std::size_t at) {
  return static_cast<std::uint16_t>(get_u8(from, at) << 8 | get_u8(from, at + 1));
}

inline std::uint32_t get_u32(Bytes from, std::size_t at) {
  return std::uint32_t{get_u16(from, at)} << 16 | get_u16(from, at + 2);
}

inline void put_u16(std::span<std::byte> to, std::size_t at, std::uint32_t number) {
  to[at] = static_cast<std::byte>(number >> 8 & 0xff);
  to[at + 1] = static_cast<std::byte>(number & 0xff);
}

inline void put_u32(std::span<std::byte> to, std::size_t at, std::uint32_t number) {
  put_u16(to, at, number >> 16);
  put_u16(to, at + 2, number & 0xffff);
}

/// A sum of 16-bit words with the carries added in (RFC 1071).
inline std::uint16_t fold(std::uint64_t sum) {
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

}  // namespace netduel
