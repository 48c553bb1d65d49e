#include "experiment/corruption.hpp"

#include <fmt/format.h>

#include "netduel/base/units.hpp"

namespace netduel {

std::string damage_in_words(const IntegrityCounts& integrity) {
  return fmt::format("{} with flipped bits, {} with swapped words, {} otherwise",
                     format_count(integrity.bits_flipped), format_count(integrity.words_swapped),
                     format_count(integrity.other));
}

std::optional<Warning> corruption_passed_checksums(const std::optional<IntegrityCounts>& integrity,
                                                   Transport transport, bool has_checksum,
                                                   const std::string& who) {
  if (!integrity || integrity->corrupted() == 0) return std::nullopt;
  const std::string_view past =
      !has_checksum                 ? "and UDP had no checksum to tell (--no-udp-checksum)"
      : transport == Transport::udp ? "past UDP's checksum"
                                    : "past TCP's checksum, though TCP promises that none is";
  return Warning{
      "corruption_passed_checksums",
      fmt::format("{}: {} messages came corrupted {}: {}. Only the CRC32C and the pattern "
                  "of --verify told: no transport checksum is proof, and a program that "
                  "must know brings a check of its own.",
                  who, format_count(integrity->corrupted()), past, damage_in_words(*integrity))};
}

}  // namespace netduel
