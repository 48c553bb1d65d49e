#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "experiment/analysis.hpp"
#include "experiment/compare.hpp"
#include "experiment/overhead_report.hpp"
#include "experiment_options.hpp"
#include "multicast_options.hpp"
#include "path_options.hpp"
#include "session_options.hpp"
#include "usage_error.hpp"

namespace netduel::tool {

/// Something to print instead of running: help, the version, or the questions that a bare call
/// answers.
struct Print {
  std::string text;
};

struct CompareOptions {
  /// A server has no address yet: `server.host` is to be looked up.
  CompareSpec spec;
  /// That the address of the server must have.
  std::optional<IpVersion> server_ip_version;
  std::optional<std::string> truth_file;
  /// Where arrivals are written down, and how many rows at most in a file.
  std::optional<std::string> log_file;
  std::uint64_t log_rows = 1'000'000;
  bool json = false;
};

struct OverheadOptions {
  OverheadSpec spec;
  bool json = false;
};

struct AnalyzeOptions {
  AnalysisSpec spec;
  /// "-" is standard input.
  std::string file;
  bool json = false;
};

struct LabOptions {
  PathOptions path;
  /// In the place of a path between two hosts.
  std::optional<StarOptions> star;
  std::uint64_t seed = 0;
  /// A shell's command line for host b, or for each host of a star but a.
  std::optional<std::string> serve;
  /// For host a; empty for the user's shell.
  std::vector<std::string> command;
};

using Request =
    std::variant<Print, CompareOptions, SweepOptions, FairnessOptions, BufferbloatOptions,
                 SelftestOptions, OverheadOptions, AnalyzeOptions, LabOptions, ClientOptions,
                 ServerOptions, MulticastSendOptions, MulticastReceiveOptions, MulticastDemoOptions,
                 MulticastCompareOptions>;

/// Reads the whole command line into plain structs. Throws UsageError.
Request parse_command_line(int argc, const char* const* argv);

}  // namespace netduel::tool
