#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "experiment/compare.hpp"
#include "netduel/base/endpoint.hpp"
#include "usage_error.hpp"

namespace netduel::tool {

// What several subcommands read in one way. All throw UsageError that names the option, what was
// given and what would work.

[[noreturn]] void refuse(std::string_view option, std::string_view given, std::string_view works);

std::uint64_t whole_number(std::string_view option, const std::string& text, std::uint64_t lowest,
                           std::uint64_t highest, std::string_view works);

/// A list's, which are parted by commas; empty ones, too, for whoever reads them to refuse.
std::vector<std::string> parts_of(const std::string& list);

/// A random one when there is no text.
std::uint64_t seed(const std::optional<std::string>& text);

/// A congestion control that this kernel has and lets this process use, as far as it can tell: any
/// that it has in a network of one's own.
std::string congestion(const std::string& name, bool in_own_network);

/// --length: one message's octets, with or without --verify.
std::size_t message_octets(const std::string& text, bool verify);
/// --time.
std::chrono::nanoseconds trial_time(const std::string& text);
/// --bitrate; `otherwise`: what happens without one.
double bitrate(const std::string& text, std::string_view otherwise);
struct RateAndBurst {
  double bits_per_second = 0;
  /// Absent without one.
  std::optional<std::size_t> burst = {};
};
/// --bitrate as RATE or RATE/BURST, 0 for as much as goes; `works` tells it.
RateAndBurst rate_and_burst(const std::string& text, std::string_view works);
/// --window.
std::size_t window(const std::string& text);
/// -4 and -6; IPv4 without either.
IpVersion ip_version(bool v4, bool v6);
/// Where a paced message would be due less than once in a trial, nothing could be measured.
void check_rate(const CompareSpec& spec);

/// As iperf3's timeouts go: a plain number counts milliseconds; with a unit it is any time.
std::chrono::nanoseconds timeout(std::string_view option, const std::string& text,
                                 std::chrono::nanoseconds shortest,
                                 std::chrono::nanoseconds longest);

}  // namespace netduel::tool
