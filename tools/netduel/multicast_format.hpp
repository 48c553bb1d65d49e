#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "session/message_format.hpp"

namespace netduel::tool {

/// What --format says; throws UsageError where that is no format of a group's messages.
MessageFormat group_format(const std::optional<std::string>& text);
/// Where nothing else is said: that of the other program of this format.
std::uint16_t usual_group_port(MessageFormat format);

}  // namespace netduel::tool
