#pragma once

#include <string>
#include <vector>

#include "lab/lab_spec.hpp"

namespace netduel {

/// "loss 1 %, delay 20 ms each way; at 2s down": what a path does, for people.
std::string in_words(const LabSpec& spec, const std::vector<std::string>& changes);

}  // namespace netduel
