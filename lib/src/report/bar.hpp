#pragma once

#include <cstddef>
#include <string>

namespace netduel {

/// A horizontal bar of blocks that fills `share` of `width` columns, to an eighth of one, without
/// the blanks behind it. A share outside 0 to 1 is taken as the nearer of the two, and what is no
/// number as 0; what is above 0 is seen, be it ever so small.
std::string bar(double share, std::size_t width);

}  // namespace netduel
