#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "netduel/base/export.hpp"

namespace netduel {

/// Readers of quantities as people type them. Strict: digits, perhaps with a decimal point
/// between or before them, then at most one suffix; no sign, exponent, space or name of a number.
/// nullopt when malformed or out of range. Which letters are decimal and which binary follows
/// iperf3: bit rates count in 1000, octets in 1024. All are pure and thread-safe, and no locale
/// changes them.

/// `10M`, `1.5G`, `1.5Gbit/s`, `800kbit`, `64000`: bits per second, k M G T decimal in either case,
/// then perhaps `bit`, `bit/s`, `bps` or `b`.
NETDUEL_EXPORT std::optional<double> parse_bit_rate(std::string_view text);

/// `1460`, `64K`, `64KiB`, `2M`: octets, K M G T binary in either case, as are `Ki` and `KiB`;
/// `kB`, `MB`, `GB`, `TB` decimal. `KB` is refused: some mean 1000 by it and some 1024. A fraction
/// needs a prefix; what is left of an octet is cut off, as iperf3 does.
NETDUEL_EXPORT std::optional<std::uint64_t> parse_octets(std::string_view text);

/// `20ms`, `1.5s`, `100us`, `10`, `2m`, `1h`, `500ns`: without a suffix, seconds. May be negative
/// ("-1s"), so that the caller can say what is wrong with that. What is left of a nanosecond is cut
/// off.
NETDUEL_EXPORT std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text);

/// `2%`, `0.02`: a ratio from 0 to 1.
NETDUEL_EXPORT std::optional<double> parse_ratio(std::string_view text);

/// `46`, `0x2e`, `ef`: a differentiated services code point (RFC 2474), by its number from 0 to 63
/// or, in either case, by its name: `cs0` to `cs7` (RFC 2474), `af11` to `af43` (RFC 2597), `ef`
/// (RFC 3246), `voice-admit` (RFC 5865), `le` (RFC 8622). No zeros before a decimal number: some
/// read it as octal then.
NETDUEL_EXPORT std::optional<std::uint8_t> parse_dscp(std::string_view text);

/// Writers of figures for people, the same in every locale: three significant digits, all
/// digits before the point, and whole figures without decimals (`10 Gbit/s`).

/// `9.57 Gbit/s`, `10 Mbit/s`: with a decimal prefix.
NETDUEL_EXPORT std::string format_bit_rate(double bits_per_second);
/// `64 KiB`, `1448 octets`: a binary prefix where the count is a whole multiple of it, else plain
/// octets, parted into groups from five digits on.
NETDUEL_EXPORT std::string format_octets(std::uint64_t octets);
/// `20 ms`, `46.1 us`, `1.50 s`.
NETDUEL_EXPORT std::string format_duration(double seconds);
/// `2 %`, `0.031 %`: zeros at the end of the decimals are left out.
NETDUEL_EXPORT std::string format_ratio(double ratio);
/// `1 234 567`: groups of three digits, parted by a plain space.
NETDUEL_EXPORT std::string format_count(std::uint64_t count);
/// `0.0123`, `28.4`, `1234`: a figure without a prefix.
NETDUEL_EXPORT std::string format_number(double number);

}  // namespace netduel
