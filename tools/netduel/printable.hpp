#pragma once

#include <string>
#include <string_view>

namespace netduel::tool {

// Text of others, which a terminal must not take for commands: control characters (of ASCII, and
// those of Latin-1, which terminals heed as well), what turns the direction of writing round, and
// octets that are no UTF-8 are written as \x1b.

/// For a line, or a part of one.
std::string printable(std::string_view text);
/// Leaves the ends of lines and tabulators as they are.
std::string printable_lines(std::string_view text);

}  // namespace netduel::tool
