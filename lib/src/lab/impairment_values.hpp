#pragma once

#include <string_view>

#include "lab/impairment.hpp"

namespace netduel {

/// Sets one field of an impairment from its option's name, without direction, and its text. False
/// when there is no such option. Throws ImpairmentError that names `option`, which is what the user
/// typed.
bool set_impairment(Impairment& impairment, std::string_view name, std::string_view text,
                    std::string_view option);

/// What can't be: a queue without a bottleneck, jitter beyond the delay. `option_prefix` is "--",
/// "--up-" or "--down-". Throws ImpairmentError.
void check_impairment(const Impairment& impairment, std::string_view option_prefix);

}  // namespace netduel
