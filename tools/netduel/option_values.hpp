#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "netduel/base/endpoint.hpp"
#include "usage_error.hpp"

namespace netduel::tool {

// What several subcommands read in one way. All throw UsageError that names the option, what was
// given and what would work.

[[noreturn]] void refuse(std::string_view option, std::string_view given, std::string_view works);

std::uint64_t whole_number(std::string_view option, const std::string& text, std::uint64_t lowest,
                           std::uint64_t highest, std::string_view works);

/// A random one when there is no text.
std::uint64_t seed(const std::optional<std::string>& text);

/// A congestion control that this kernel has, as far as it can tell.
std::string congestion(const std::string& name);

/// Octets in a message (--length), with room for its probe.
std::size_t message_octets(const std::string& text);

/// -4 or -6, or neither: IPv4.
IpVersion ip_version(bool v4, bool v6);

/// As iperf3's timeouts go: a plain number counts milliseconds; with a unit it is any time.
std::chrono::nanoseconds timeout(std::string_view option, const std::string& text,
                                 std::chrono::nanoseconds shortest,
                                 std::chrono::nanoseconds longest);

}  // namespace netduel::tool
