#pragma once

#include <string>
#include <vector>

#include "session_texts.hpp"

namespace CLI {
class App;
}

namespace netduel::tool {

// The subcommands between two hosts; the texts must live as long as the parser parses.

CLI::App* add_client(CLI::App& app, ClientTexts& texts);
CLI::App* add_server(CLI::App& app, ServerTexts& texts);

/// iperf3's way to say it, `-c HOST ...` and `-s ...` anywhere in a call without a subcommand, as
/// the call of a subcommand. All else stays as it is. The program's name comes first.
std::vector<std::string> with_subcommand(std::vector<std::string> arguments);

}  // namespace netduel::tool
