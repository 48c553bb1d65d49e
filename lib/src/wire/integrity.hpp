#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "netduel/base/message.hpp"
#include "netduel/wire/probe.hpp"

namespace netduel {

// The content of a message that its receiver can check: a probe, a pattern made from the stream's
// seed and the message's number, and in the last four octets the CRC32C of all before them, in
// network byte order. Pure.
//
// No two of the pattern's 16-bit words are the same as far as 128 KiB, so that any two that change
// places show; the next message has others in their places.

inline constexpr std::size_t crc_octets = 4;
inline constexpr std::size_t shortest_verified_message = Probe::octets + crc_octets;

/// Castagnoli's CRC as iSCSI has it (RFC 3720, section 12.1 and appendix B.4).
std::uint32_t crc32c(Bytes octets);

/// Fills a message behind its probe, whose number is `sequence`. The message must be at least
/// `shortest_verified_message` long.
void fill_verified(std::span<std::byte> message, std::uint64_t seed, std::uint64_t sequence);

/// In which way a message isn't the one that was sent.
enum class Damage : std::uint8_t {
  /// One to three bits: as many as CRC32C sees for certain in messages of any length (Koopman,
  /// "32-Bit Cyclic Redundancy Codes for Internet Applications", DSN 2002).
  bits_flipped,
  /// Two 16-bit words changed places, which no Internet checksum sees (RFC 1071).
  words_swapped,
  other
};

/// Looks at the messages of one stream.
class ContentCheck {
 public:
  explicit ContentCheck(std::uint64_t seed) : seed_(seed) {}

  /// nullopt when all of it is as it was sent. The message is of its sender's length.
  std::optional<Damage> damage_to(Bytes message);

 private:
  Damage damage_in_probe(Bytes message);

  std::uint64_t seed_;
  /// What was sent is found by trying where the probe itself is damaged. A peer that sends nothing
  /// else must not keep the receiver from others: this takes some tenths of a second.
  std::uint64_t tries_left_ = 20'000'000;
};

}  // namespace netduel
