#pragma once

#include <optional>
#include <string>

#include "experiment_options.hpp"
#include "path_options.hpp"

namespace netduel::tool {

// The options of the subcommands of `experiment_commands` as they were typed, before anybody has
// looked at them.

struct SweepTexts {
  PathTexts path;
  std::string transport = "both";
  std::optional<std::string> trials;
  std::optional<std::string> time;
  std::optional<std::string> bitrate;
  /// May be a list, parted by commas; so may the path's impairments.
  std::optional<std::string> length;
  std::optional<std::string> window;
  std::optional<std::string> congestions;
  std::optional<std::string> seed;
  /// Empty: in place of the table.
  std::optional<std::string> csv;
  bool v4 = false;
  bool v6 = false;
  bool nagle = false;
  bool verify = false;
  bool no_udp_checksum = false;
  bool json = false;
};

struct FairnessTexts {
  PathTexts path;
  std::optional<std::string> udp;
  std::optional<std::string> tcp;
  std::optional<std::string> congestion;
  std::optional<std::string> time;
  std::optional<std::string> interval;
  std::optional<std::string> omit;
  std::optional<std::string> length;
  std::optional<std::string> seed;
  bool v4 = false;
  bool v6 = false;
  bool json = false;
};

struct BufferbloatTexts {
  PathTexts path;
  std::optional<std::string> host;
  std::optional<std::string> port;
  std::optional<std::string> time;
  std::optional<std::string> probe_interval;
  std::optional<std::string> direction;
  std::optional<std::string> bitrate;
  std::optional<std::string> congestion;
  std::optional<std::string> parallel;
  std::optional<std::string> seed;
  bool v4 = false;
  bool v6 = false;
  bool json = false;
};

struct SelftestTexts {
  std::optional<std::string> seed;
  bool json = false;
};

// What they mean. All throw UsageError that names the option, what was given and what would work.

SweepOptions to_options(const SweepTexts& texts);
FairnessOptions to_options(const FairnessTexts& texts);
BufferbloatOptions to_options(const BufferbloatTexts& texts);
SelftestOptions to_options(const SelftestTexts& texts);

}  // namespace netduel::tool
