#pragma once

#include <cstdint>
#include <optional>

#include "netduel/base/report.hpp"

namespace netduel {

/// What the receiver's own check found of a stream whose messages can be checked, in arrivals:
/// duplicates are looked at too.
struct IntegrityCounts {
  /// Each octet was as it was sent.
  std::uint64_t verified = 0;
  /// From here on: corrupted, in which way.
  std::uint64_t bits_flipped = 0;
  std::uint64_t words_swapped = 0;
  std::uint64_t other = 0;

  std::uint64_t corrupted() const { return bits_flipped + words_swapped + other; }
  friend bool operator==(const IntegrityCounts&, const IntegrityCounts&) = default;
};

/// Of several streams or trials; absent only when nobody checked any.
void add(std::optional<IntegrityCounts>& total, const std::optional<IntegrityCounts>& more);

/// Rows: `integrity.{verified,corrupted,bits_flipped,words_swapped,other}`; absent as one row when
/// nobody checked.
void describe(const std::optional<IntegrityCounts>& integrity, Report& report);

}  // namespace netduel
