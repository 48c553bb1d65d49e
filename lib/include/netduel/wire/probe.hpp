#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netduel/base/export.hpp"
#include "netduel/base/message.hpp"
#include "netduel/base/time.hpp"

namespace netduel {

/// The test header at the start of every message, in the role of the STAMP test packet (RFC 8762):
/// network byte order, 16 octets.
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   0 |             Check             |                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+        Sequence number        +
///   4 |                                                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   8 |              Send time, nanoseconds since the epoch           |
///     +                 of 1970-01-01 00:00:00 UTC, signed            +
///  12 |                                                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// The sequence starts at 0, counts messages of one stream and stays below 2^48. The check tells
/// a number or time that was changed on the way, as no Internet checksum does of words that changed
/// places: with s the sequence and t the time, and x -> m(x) = (x ^ x >> 32) * 0x9e3779b97f4a7c15
/// modulo 2^64, it is the upper 16 bits of m(m(s + 0x6e64) ^ t). It fails to see a change once in
/// 2^16. The send time is the time at which
/// the message was due where there is a schedule, else the time at which its batch was stamped.
struct Probe {
  static constexpr std::size_t octets = 16;

  std::uint64_t sequence = 0;
  WallTime sent;

  friend bool operator==(const Probe&, const Probe&) = default;
};

/// Writes the probe into the first 16 octets of `message`, which must hold as many. The sequence
/// must be below 2^48. Both are the caller's to see to: debug builds assert them, others don't
/// look. Pure, as `decode_probe` is.
NETDUEL_EXPORT void encode(const Probe& probe, std::span<std::byte> message);
/// Reads it back from the start of a message of any length. nullopt when that is shorter than a
/// probe, or the probe's check is wrong.
NETDUEL_EXPORT std::optional<Probe> decode_probe(Bytes message);

}  // namespace netduel
