#pragma once

#include <string_view>

namespace netduel::tool {

/// Whether that stream is a terminal on which colour and bold are wanted: NO_COLOR (no-color.org)
/// is respected, and so is TERM=dumb.
bool output_is_styled();

/// Prints to standard output; false when that failed (a full disk, a closed pipe).
bool print(std::string_view text);

/// One line about what goes on, on standard error and only where that is a terminal; each replaces
/// the one before, and an empty one clears it.
void show_progress(std::string_view text);

}  // namespace netduel::tool
