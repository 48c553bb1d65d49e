#include "experiment_commands.hpp"

#include <CLI/CLI.hpp>

namespace netduel::tool {
namespace {

constexpr auto sweep_examples = R"(Examples:
  netduel sweep --loss 0,0.1%,1%,3%,10% --delay 20ms --bottleneck 50Mbit
)";

constexpr auto fairness_examples = R"(Examples:
  netduel fairness --bottleneck 20Mbit --udp 15Mbit --tcp 2
)";

constexpr auto bufferbloat_examples = R"(Examples:
  netduel bufferbloat --preset bufferbloat
)";

constexpr auto selftest_examples = R"(Examples:
  netduel selftest
)";

constexpr auto json_help = "Print one JSON document and nothing else";

}  // namespace

CLI::App* add_sweep(CLI::App& app, SweepTexts& texts) {
  CLI::App* sweep = app.add_subcommand(
      "sweep", "UDP and each congestion control of TCP over paths that get worse step by step");
  sweep->add_flag("-J,--json", texts.json, json_help);
  texts.path.bind(*sweep);
  sweep->footer(sweep_examples);
  return sweep;
}

CLI::App* add_fairness(CLI::App& app, FairnessTexts& texts) {
  CLI::App* fairness = app.add_subcommand(
      "fairness", "UDP and TCP flows that share a bottleneck: who keeps its rate, who gives way");
  fairness->add_flag("-J,--json", texts.json, json_help);
  texts.path.bind(*fairness);
  fairness->footer(fairness_examples);
  return fairness;
}

CLI::App* add_bufferbloat(CLI::App& app, BufferbloatTexts& texts) {
  CLI::App* bufferbloat = app.add_subcommand(
      "bufferbloat", "Round trips while the path is idle, and while UDP or TCP fills it");
  bufferbloat->add_flag("-J,--json", texts.json, json_help);
  texts.path.bind(*bufferbloat);
  bufferbloat->footer(bufferbloat_examples);
  return bufferbloat;
}

CLI::App* add_selftest(CLI::App& app, SelftestTexts& texts) {
  CLI::App* selftest = app.add_subcommand(
      "selftest", "Check on this machine whether netduel's figures can be trusted");
  selftest->add_flag("-J,--json", texts.json, json_help);
  selftest->footer(selftest_examples);
  return selftest;
}

}  // namespace netduel::tool
