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
///   0 |                                                               |
///     +                        Sequence number                        +
///   4 |                                                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///   8 |              Send time, nanoseconds since the epoch           |
///     +                 of 1970-01-01 00:00:00 UTC, signed            +
///  12 |                                                               |
///     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
///
/// The sequence starts at 0 and counts messages of one stream. The send time is the time at which
/// the message was due where there is a schedule, else the time at which its batch was stamped.
struct Probe {
  static constexpr std::size_t octets = 16;

  std::uint64_t sequence = 0;
  WallTime sent;

  friend bool operator==(const Probe&, const Probe&) = default;
};

/// Writes the probe into the first 16 octets of `message`, which must hold as many.
NETDUEL_EXPORT void encode(const Probe& probe, std::span<std::byte> message);
/// nullopt when the message is shorter than a probe.
NETDUEL_EXPORT std::optional<Probe> decode_probe(Bytes message);

}  // namespace netduel
