#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace netduel {

/// The furthest from 0 that a time of a log may be, either way: 73 years. Differences of
/// differences of such times still fit 64 bits, and today's dates are such times.
constexpr std::chrono::nanoseconds furthest_logged_time = std::chrono::seconds(2'300'000'000);

/// Seconds as decimal digits with or without a sign, a point and an exponent, to the nearest
/// nanosecond, halves away from zero. The digits are taken as they are: a double would lose those
/// of today's dates. nullopt for what is no such number, or is further from 0 than a log's time may
/// be.
std::optional<std::chrono::nanoseconds> decimal_seconds(std::string_view text);

}  // namespace netduel
