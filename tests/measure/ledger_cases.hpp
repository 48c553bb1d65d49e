#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string_view>

#include "netduel/measure/ledger.hpp"
#include "support/catch.hpp"

// What tests of the ledger let the two ends have counted.
namespace netduel::test {

inline constexpr Placement in_order{Order::in_order, 0};
constexpr Placement gap_of(std::uint64_t missing) {
  return {Order::gap, missing};
}

inline SenderCounts sender_of(std::uint64_t sent, SuperPacketSize size = {1, 1}) {
  return {.offered = sent, .sent = sent, .super_packets = size};
}

/// What came of a stream, and in its middle one gap of `missing` messages with that many drops.
inline ReceiverCounts receiver_of(std::uint64_t unique, std::uint64_t missing,
                                  std::uint32_t drops) {
  ReceiverCounts receiver{.unique = unique, .next_expected = unique + missing, .drops_known = true};
  receiver.drop_gaps.observe(in_order, 0);
  receiver.drop_gaps.observe(gap_of(missing), drops);
  receiver.drop_gaps.close(0, drops);
  return receiver;
}

inline LedgerContext host_of(std::optional<std::uint64_t> buffer_errors,
                             std::optional<std::uint64_t> checksum_errors,
                             std::optional<std::uint64_t> softnet_drops = std::nullopt) {
  return {.host = {buffer_errors, checksum_errors, softnet_drops}};
}

inline const Check* find(const Ledger& ledger, std::string_view name) {
  const auto found = std::find_if(ledger.checks.begin(), ledger.checks.end(),
                                  [&](const Check& check) { return check.name == name; });
  return found == ledger.checks.end() ? nullptr : &*found;
}

inline bool passed(const Ledger& ledger, std::string_view name) {
  const Check* check = find(ledger, name);
  REQUIRE(check != nullptr);
  return check->passed;
}

}  // namespace netduel::test
