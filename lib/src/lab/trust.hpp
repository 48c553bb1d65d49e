#pragma once

#include <string_view>
#include <vector>

#include "lab/truth.hpp"

namespace netduel {

/// Whether the books of one way of a link can be trusted, and what to bear in mind. Notes begin
/// with the way's name.
bool is_trustworthy(const DirectionTruth& way, std::string_view name, std::vector<TruthNote>& why);

}  // namespace netduel
