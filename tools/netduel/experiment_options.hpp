#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "experiment/fairness.hpp"
#include "experiment/sweep.hpp"
#include "path_options.hpp"

namespace netduel::tool {

// What the subcommands of `experiment_commands` were asked for.

struct SweepOptions {
  SweepSpec spec;
  /// Comma-separated values in place of the table on standard output, or in a file beside it.
  bool csv = false;
  std::optional<std::string> csv_file;
  bool json = false;
};

struct FairnessOptions {
  FairnessSpec spec;
  std::optional<std::string> truth_file;
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
