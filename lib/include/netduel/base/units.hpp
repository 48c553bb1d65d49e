#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "netduel/base/export.hpp"

namespace netduel {

/// Readers of quantities as people type them. Strict: a number, then at most one suffix, nothing
/// else; nullopt when malformed, negative where that makes no sense, or out of range. Which letters
/// are decimal and which binary follows iperf3: bit rates count in 1000, octets in 1024.
/// All are pure and thread-safe.

/// `10M`, `1.5G`, `1.5Gbit/s`, `800kbit`, `64000`: bits per second, k M G T decimal.
NETDUEL_EXPORT std::optional<double> parse_bit_rate(std::string_view text);

/// `1460`, `64K`, `64KiB`, `2M`: octets, K M G binary whatever the case; `kB`, `MB`, `GB` decimal.
NETDUEL_EXPORT std::optional<std::uint64_t> parse_octets(std::string_view text);

/// `20ms`, `1.5s`, `100us`, `10`, `2m`, `1h`: without a suffix, seconds. May be negative ("-1s"), so
/// that the caller can say what is wrong with that.
NETDUEL_EXPORT std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// `2%`, `0.02`: a ratio from 0 to 1.
NETDUEL_EXPORT std::optional<double> parse_ratio(std::string_view text);

/// `9.57 Gbit/s`: three to four significant digits with a decimal prefix.
NETDUEL_EXPORT std::string format_bit_rate(double bits_per_second);
/// `64 KiB`, `1448 octets`: binary prefixes where the count is a whole multiple, else plain octets.
NETDUEL_EXPORT std::string format_octets(std::uint64_t octets);
/// `20 ms`, `46.1 us`, `1.50 s`.
NETDUEL_EXPORT std::string format_duration(double seconds);
/// `2 %`, `0.031 %`.
NETDUEL_EXPORT std::string format_ratio(double ratio);
/// `1 234 567`: groups of three digits, parted by a thin gap that survives in plain text.
NETDUEL_EXPORT std::string format_count(std::uint64_t count);

}  // namespace netduel
