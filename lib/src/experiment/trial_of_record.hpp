#pragma once

#include "session/test_record.hpp"
#include "session/trial.hpp"

namespace netduel {

/// A test of one stream, as a trial. What a server that isn't netduel can't tell is marked as not
/// known. Pure. Throws std::runtime_error with one line where the other end has told nothing of the
/// stream.
TrialResult trial_of(const TestRecord& record, const Plan& plan);

}  // namespace netduel
