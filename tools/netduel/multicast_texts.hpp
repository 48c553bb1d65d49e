#pragma once

#include <optional>
#include <string>
#include <vector>

#include "multicast_options.hpp"
#include "path_options.hpp"

namespace netduel::tool {

// The options of the subcommands of `multicast` as they were typed.

struct MulticastSendTexts {
  std::vector<std::string> to;
  std::optional<std::string> interface;
  std::optional<std::string> ttl;
  /// "on" or "off".
  std::optional<std::string> loopback;
  std::optional<std::string> bitrate;
  std::optional<std::string> length;
  std::optional<std::string> time;
  std::optional<std::string> count;
  std::optional<std::string> schedule;
  std::optional<std::string> format;
  std::optional<std::string> lead;
  std::optional<std::string> window;
  std::optional<std::string> interval;
  std::optional<std::string> seed;
  bool no_reports = false;
  bool verify = false;
  bool json = false;
};

struct MulticastReceiveTexts {
  std::string group;
  std::optional<std::string> interface;
  std::optional<std::string> source;
  std::optional<std::string> receivers;
  std::optional<std::string> streams;
  std::optional<std::string> time;
  std::optional<std::string> format;
  std::optional<std::string> window;
  std::optional<std::string> interval;
  std::optional<std::string> name;
  bool no_reports = false;
  bool json = false;
};

struct MulticastDemoTexts {
  std::optional<std::string> receivers;
  std::optional<std::string> seed;
  bool json = false;
};

struct MulticastCompareTexts {
  std::optional<std::string> receivers;
  std::optional<std::string> trials;
  std::optional<std::string> bitrate;
  std::optional<std::string> length;
  std::optional<std::string> time;
  std::optional<std::string> seed;
  /// Empty: without a FILE.
  std::optional<std::string> csv;
  PathTexts path;
  PortTexts ports;
  bool v4 = false;
  bool v6 = false;
  bool json = false;
};

// What they mean. All throw UsageError that names the option, what was given and what would work.

MulticastSendOptions to_options(const MulticastSendTexts& texts);
MulticastReceiveOptions to_options(const MulticastReceiveTexts& texts);
MulticastDemoOptions to_options(const MulticastDemoTexts& texts);
MulticastCompareOptions to_options(const MulticastCompareTexts& texts);

}  // namespace netduel::tool
