#include "integrity_options.hpp"

#include <fmt/format.h>

#include "option_values.hpp"
#include "wire/integrity.hpp"

namespace netduel::tool {

void check_verified_length(const std::string& text, std::optional<std::uint64_t> octets) {
  if (octets && *octets >= shortest_verified_message) return;
  refuse("--length", text,
         fmt::format("with --verify a message is at least {} octets long (its probe takes {}, its "
                     "CRC32C {})",
                     shortest_verified_message, Probe::octets, crc_octets));
}

void check_no_udp_checksum(bool v6, const std::optional<std::string>& host) {
  const bool v6_address = host && host->find(':') != host->npos;
  if (!v6 && !v6_address) return;
  throw UsageError(
      fmt::format("--no-udp-checksum {}: IPv6 requires UDP's checksum (RFC 8200, section 8.1); "
                  "IPv4 works without",
                  v6 ? "-6" : *host));
}

}  // namespace netduel::tool
