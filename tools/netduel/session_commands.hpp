#pragma once

#include "session_texts.hpp"

namespace CLI {
class App;
}

namespace netduel::tool {

// The subcommands between two hosts; the texts must live as long as the parser parses.

CLI::App* add_client(CLI::App& app, ClientTexts& texts);
CLI::App* add_server(CLI::App& app, ServerTexts& texts);

}  // namespace netduel::tool
