#pragma once

#include <string>

#include "session/test_record.hpp"

namespace netduel::tool {

// One-way delays and the clocks that told them, in whole lines. Pure.

/// A line for each direction whose delays can be told, with what they may be off by where two
/// clocks were compared.
std::string delays_text(const TestRecord& record);
/// How the clocks compare. Nothing where nobody asked or answered.
std::string clock_text(const TestRecord& record);

}  // namespace netduel::tool
