#pragma once

#include <optional>
#include <vector>

#include "experiment/warnings.hpp"
#include "session/test_record.hpp"

namespace netduel {

/// What a reader of a test's figures should know: the same in its document and in its text.
std::vector<Warning> warnings_of(const TestRecord& record);

/// Whether a datagram is more than the path takes at once; nullopt where nobody knows the path.
std::optional<bool> fragments(const TestRecord& record);

}  // namespace netduel
