#include "experiment_commands.hpp"

#include <CLI/CLI.hpp>

namespace netduel::tool {
namespace {

constexpr auto sweep_examples = R"(Examples:
  netduel sweep --loss 0,0.1%,1%,3%,10% --delay 20ms --bottleneck 50Mbit
)";

constexpr auto fairness_examples = R"(Examples:
  netduel fairness --bottleneck 20Mbit --udp 15Mbit --tcp 2
  netduel fairness --bottleneck 20Mbit --delay 10ms --congestion reno,cubic,bbr
  netduel fairness --preset lte --udp 2M,2M --tcp 4 -t 10
  netduel fairness --bottleneck 20Mbit --json    schema netduel/fairness/1

Three phases: TCP alone, UDP joins, UDP leaves. Exit status: 0 done, 1 the run failed,
2 the call was wrong; 129, 130 or 143 interrupted (what was seen until then is printed
all the same).
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
  fairness->add_option("--udp", texts.udp,
                       "Payload rate of a UDP flow, in bit/s with k M G decimal, or a list parted "
                       "by commas (default: one at 0.75 of the bottleneck)");
  fairness->add_option("--tcp", texts.tcp,
                       "How many TCP flows (default: 2, or as many as --congestion names)");
  fairness->add_option("-C,--congestion", texts.congestion,
                       "TCP's congestion control, or a list parted by commas that the flows take "
                       "in turn (default: the system's)");
  fairness->add_option("-t,--time", texts.time,
                       "Length of each of the three phases (default: 5s, or 30 round trips with "
                       "a full queue)");
  fairness->add_option("-i,--interval", texts.interval,
                       "Length of the intervals that are shown (default: 500ms, or a tenth of a "
                       "phase)");
  fairness->add_option("-O,--omit", texts.omit,
                       "Leave the start of each phase out of its figures, while flows settle "
                       "(default: 1s, 15 round trips with a full queue or a fifth of the phase, "
                       "whichever is longest, and at most half of it)");
  fairness->add_option("-l,--length", texts.length,
                       "Octets in a message, K M binary (default: what fits the MTU for both)");
  fairness->add_flag("-4", texts.v4, "IPv4 (default)");
  fairness->add_flag("-6", texts.v6, "IPv6");
  fairness->add_option("--seed", texts.seed,
                       "Seed of schedules and the emulated path (default: random)");
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
