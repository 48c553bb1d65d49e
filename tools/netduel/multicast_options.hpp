#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "csv.hpp"
#include "experiment/multicast_compare.hpp"
#include "experiment/multicast_demo.hpp"
#include "session/group_receivers.hpp"
#include "session/group_sender.hpp"

namespace netduel::tool {

// What the subcommands of `multicast` were asked for.

struct MulticastSendOptions {
  GroupSendSpec spec;
  /// Between two looks at a terminal; 0 for none.
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  bool json = false;
};

struct MulticastReceiveOptions {
  GroupReceiveSpec spec;
  std::size_t receivers = 1;
  /// Of several, each gets a number behind it.
  std::string name;
  /// Between two looks at a terminal.
  std::chrono::nanoseconds interval = std::chrono::seconds(1);
  bool json = false;
};

struct MulticastDemoOptions {
  DemoSpec spec;
  bool json = false;
};

struct MulticastCompareOptions {
  MulticastCompareSpec spec;
  /// Without it what can't run in a lab runs over loopback.
  bool path_given = false;
  std::optional<std::string> truth_file;
  CsvOptions csv;
  bool json = false;
};

}  // namespace netduel::tool
