#pragma once

#include <optional>

#include "command_line.hpp"
#include "multicast_texts.hpp"

namespace CLI {
class App;
}

namespace netduel::tool {

struct MulticastTexts {
  MulticastSendTexts send;
  MulticastReceiveTexts receive;
  MulticastDemoTexts demo;
  MulticastCompareTexts compare;
};

/// Adds `multicast` and its own subcommands.
CLI::App* add_multicast(CLI::App& app, MulticastTexts& texts);
/// What was asked of it; nullopt when it was not called. Throws UsageError.
std::optional<Request> multicast_request(const CLI::App& multicast, const MulticastTexts& texts);

}  // namespace netduel::tool
