#pragma once

#include <string>
#include <vector>

#include "lab/impairment_text.hpp"

namespace netduel {

/// The values that an impairment is to have in turn, from a list parted by commas:
/// "0,1%,burst:2%,5" holds three, as a value may hold commas itself and is taken as long as it
/// goes. One where it is no list, right or wrong. Throws ImpairmentError where a part of a list is
/// no value.
std::vector<std::string> values_of(const ImpairmentText& typed);

}  // namespace netduel
