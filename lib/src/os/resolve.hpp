#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "netduel/base/endpoint.hpp"

namespace netduel::os {

/// The addresses of a host by its name, or by an address in the form of text, with that port, best
/// first as the system orders them (RFC 6724, section 6); never none. With a version, those of that
/// version only. Waits for the system's resolver as long as that does. Throws std::system_error
/// that names the host: "unknown host x", and why.
std::vector<Endpoint> resolve(std::string_view host, std::uint16_t port,
                              std::optional<IpVersion> version = std::nullopt);

}  // namespace netduel::os
