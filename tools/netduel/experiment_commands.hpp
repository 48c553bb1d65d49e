#pragma once

#include "experiment_texts.hpp"

namespace CLI {
class App;
}

namespace netduel::tool {

// The subcommands that run more than a comparison; the texts must live as long as the parser
// parses.

CLI::App* add_sweep(CLI::App& app, SweepTexts& texts);
CLI::App* add_fairness(CLI::App& app, FairnessTexts& texts);
CLI::App* add_bufferbloat(CLI::App& app, BufferbloatTexts& texts);
CLI::App* add_selftest(CLI::App& app, SelftestTexts& texts);

}  // namespace netduel::tool
