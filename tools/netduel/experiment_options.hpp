#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "path_options.hpp"

namespace netduel::tool {

// What the subcommands of `experiment_commands` were asked for.

struct SweepOptions {
  bool json = false;
};

struct FairnessOptions {
  bool json = false;
};

struct BufferbloatOptions {
  bool json = false;
};

struct SelftestOptions {
  std::uint64_t seed = 0;
  bool json = false;
};

}  // namespace netduel::tool
