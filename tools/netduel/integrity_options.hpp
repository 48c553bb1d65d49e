#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace netduel::tool {

// What `--verify` and `--no-udp-checksum` can't go with, the same in all subcommands. All throw
// UsageError.

/// `octets`: what `text`, behind --length, says.
void check_verified_length(const std::string& text, std::optional<std::uint64_t> octets);

/// `v6`: -6 was given.
void check_no_udp_checksum(bool v6, const std::optional<std::string>& host);

}  // namespace netduel::tool
