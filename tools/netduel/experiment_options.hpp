#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "csv.hpp"
#include "experiment/bufferbloat.hpp"
#include "experiment/fairness.hpp"
#include "experiment/sweep.hpp"
#include "path_options.hpp"
#include "wire/iperf3.hpp"

namespace netduel::tool {

// What the subcommands of `experiment_commands` were asked for.

struct SweepOptions {
  SweepSpec spec;
  CsvOptions csv;
  bool json = false;
};

struct FairnessOptions {
  FairnessSpec spec;
  std::optional<std::string> truth_file;
  bool json = false;
};

struct BufferbloatOptions {
  /// Complete but for addresses; its client's cookie is made for each test.
  BufferbloatSpec spec;
  /// Absent: the server is in this process, behind an emulated path.
  std::optional<std::string> host;
  PathOptions path;
  std::uint16_t port = iperf3::default_port;
  std::optional<IpVersion> ip_version;
  bool json = false;
};

struct SelftestOptions {
  std::uint64_t seed = 0;
  bool json = false;
};

}  // namespace netduel::tool
