#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netduel/base/message.hpp"
#include "netduel/base/time.hpp"

/// The datagrams of iperf 2's UDP streams, as version 2.1.8 sends and reads them to and from a
/// group: network byte order, times since 1970 by the sender's clock.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   0 |                  Number, signed, lower 32 bits                |
///   4 |                            Seconds                            |
///   8 |                          Microseconds                         |
///  12 |                  Number, signed, upper 32 bits                |
///  16 |                             Flags                             |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// Numbers start at 1. The last datagram of a stream has its number negated, and counts as all
/// others do. Where the flags don't say that numbers have 64 bits, the upper half means nothing.
namespace netduel::iperf2 {

inline constexpr std::uint16_t default_port = 5001;

/// With flags: so that numbers can have 64 bits.
inline constexpr std::size_t header_octets = 20;
/// `iperf -l` takes as little, and leaves out the rest of the header.
inline constexpr std::size_t least_octets = 12;

struct DatagramHeader {
  std::uint64_t number = 1;
  WallTime sent{};  ///< to the microsecond
  /// No datagram has a higher number.
  bool last = false;
  friend bool operator==(const DatagramHeader&, const DatagramHeader&) = default;
};

/// `datagram` has room for `header_octets`, and the number is from 1 to 2^63 - 1.
void encode(const DatagramHeader& header, std::span<std::byte> datagram);
/// nullopt when it is too short, its number is 0 or none, or its microseconds are none.
std::optional<DatagramHeader> decode_datagram(Bytes datagram);

}  // namespace netduel::iperf2
