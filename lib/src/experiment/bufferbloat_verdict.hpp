#pragma once

#include <string>
#include <vector>

#include "experiment/bufferbloat.hpp"
#include "experiment/warnings.hpp"

namespace netduel {

/// In plain words, one line: "Idle 20.3 ms; while TCP sends 480 ms: 460 ms of queue (96 %)".
std::string verdict(const Bufferbloat& result);

/// Why a reader should doubt a figure, and what helps.
std::vector<Warning> warnings(const Bufferbloat& result);

}  // namespace netduel
