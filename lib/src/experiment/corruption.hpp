#pragma once

#include <optional>
#include <string>

#include "experiment/warnings.hpp"
#include "measure/integrity.hpp"
#include "netduel/wire/overhead.hpp"

namespace netduel {

/// "3 with flipped bits, 1 with swapped words, 0 otherwise".
std::string damage_in_words(const IntegrityCounts& integrity);

/// What the check of messages found though the transport had let it through, as `who` carried it:
/// the warning `corruption_passed_checksums`; nullopt when there was nothing. `has_checksum`: as
/// UDP may have none.
std::optional<Warning> corruption_passed_checksums(const std::optional<IntegrityCounts>& integrity,
                                                   Transport transport, bool has_checksum,
                                                   const std::string& who);

}  // namespace netduel
