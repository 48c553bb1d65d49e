#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace netduel {

/// The columns that a text takes on a terminal: its code points, which holds for the letters and
/// signs used here.
std::size_t text_width(std::string_view text);

/// Rows of cells in aligned columns, as lines that each end in a newline: the first `left` columns
/// to the left, all others to the right. Rows may be of different lengths.
std::string to_grid(const std::vector<std::vector<std::string>>& rows, std::size_t left);

}  // namespace netduel
