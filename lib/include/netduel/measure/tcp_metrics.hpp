#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "netduel/base/export.hpp"

namespace netduel {

// The three metrics of RFC 6349, section 4, which belong together. Pure and thread-safe.

/// Section 4.1, TCP transfer time ratio: the actual time of a transfer by the ideal one, `octets`
/// at the most that TCP can achieve on the path. nullopt where that is 0.
NETDUEL_EXPORT std::optional<double> tcp_transfer_time_ratio(std::chrono::nanoseconds actual,
                                                             std::uint64_t octets,
                                                             double achievable_bits_per_second);

/// Section 4.2, TCP efficiency: the part of the octets sent, those sent again included, that were
/// not sent again. nullopt where nothing was sent.
NETDUEL_EXPORT std::optional<double> tcp_efficiency(std::uint64_t octets_sent,
                                                    std::uint64_t octets_sent_again);

/// Section 4.3, buffer delay: by which part the round trip under load is longer than that of the
/// idle path (0.28 for 32 ms against 25 ms). nullopt where that is 0.
NETDUEL_EXPORT std::optional<double> buffer_delay(std::chrono::nanoseconds mean_round_trip,
                                                  std::chrono::nanoseconds base_round_trip);

}  // namespace netduel
