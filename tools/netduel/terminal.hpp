#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace netduel::tool {

/// Whether that stream is a terminal on which colour and bold are wanted: NO_COLOR (no-color.org)
/// is respected, and so is TERM=dumb.
bool output_is_styled();

/// Prints to standard output and returns the exit status: 1, with a complaint, when that failed (a
/// full disk, a closed pipe).
int print(std::string_view text);

/// One line on standard error, after the program's name, without what a terminal would take for
/// commands (printable.hpp). Never fails: nobody would hear of it.
void complain(std::string_view text);

/// Opens /dev/null in the place of standard streams that the caller has closed, so that no socket
/// gets their numbers. Writing to them still fails.
void keep_standard_streams();

/// One line about what goes on, on standard error and only where that is a terminal; each replaces
/// the one before, and an empty one clears it.
void show_progress(std::string_view text);

/// "45 s" or "3 min": what is left of a run, rounded up.
std::string time_left(std::chrono::nanoseconds left);

/// The width of the terminal that standard error is; 80 where it is none, or doesn't say.
std::size_t progress_columns();

/// The same for several lines, cut where they are wider than the terminal; none clear them.
void show_progress_lines(const std::vector<std::string>& lines);

}  // namespace netduel::tool
