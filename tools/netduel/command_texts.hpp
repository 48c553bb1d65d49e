#pragma once

#include <optional>
#include <string>
#include <vector>

#include "command_line.hpp"
#include "path_options.hpp"

namespace netduel::tool {

// The options of each subcommand as they were typed, before anybody has looked at them.

struct CompareTexts {
  PathTexts path;
  std::optional<std::string> host;
  std::string transport = "both";
  std::optional<std::string> pairs;
  std::optional<std::string> time;
  std::optional<std::string> bitrate;
  std::optional<std::string> length;
  std::optional<std::string> window;
  std::optional<std::string> congestion;
  std::optional<std::string> seed;
  std::optional<std::string> port;
  std::optional<std::string> log_file;
  std::optional<std::string> log_rows;
  bool v4 = false;
  bool v6 = false;
  bool reverse = false;
  bool flood = false;
  bool no_offload = false;
  bool nagle = false;
  bool verify = false;
  bool no_udp_checksum = false;
  bool json = false;
};

struct LabTexts {
  PathTexts path;
  PortTexts ports;
  std::optional<std::string> hosts;
  std::optional<std::string> serve;
  std::optional<std::string> seed;
};

struct OverheadTexts {
  std::vector<std::string> lengths;
  std::optional<std::string> mtu;
  bool v4 = false;
  bool v6 = false;
  bool vlan = false;
  bool no_timestamps = false;
  bool json = false;
};

struct AnalyzeTexts {
  std::string file;
  std::optional<std::string> sent;
  std::optional<std::string> omit;
  std::optional<std::string> longest_wait;
  bool json = false;
};

// What they mean. All throw UsageError that names the option, what was given and what would work.

CompareOptions to_options(const CompareTexts& texts);
LabOptions to_options(const LabTexts& texts);
OverheadOptions to_options(const OverheadTexts& texts);
AnalyzeOptions to_options(const AnalyzeTexts& texts);

}  // namespace netduel::tool
