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

constexpr auto bufferbloat_examples =
    R"(Either HOST or an emulated path is needed. A phase is idle, then TCP and UDP fill the path, one way
and then the other; at the end the path is idle again.

Examples:
  netduel bufferbloat --preset bufferbloat
  netduel bufferbloat --delay 10ms --bottleneck 10M --queue 500ms -C cubic
  netduel bufferbloat host.example             to a netduel server there
  netduel bufferbloat host.example --direction down -t 10 -b 80M
  netduel bufferbloat --preset lte --json      schema netduel/bufferbloat/1

Exit status: 0 done, 1 the run failed, 2 the call was wrong; 129, 130 or 143
interrupted (what was measured until then is printed all the same).
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
  bufferbloat->add_option("HOST", texts.host,
                          "A netduel server; one of iperf3 answers no probes, and tells less");
  bufferbloat->add_option("-p,--port", texts.port, "Port of the server (default: 5201)");
  bufferbloat->add_option("-t,--time", texts.time,
                          "Length of a phase (default: 5s); a fifth of it, at most 1 s, or until "
                          "the queue has filled, is left out of the loaded figures");
  bufferbloat->add_option("--direction", texts.direction,
                          "Which way is filled, as this end sees it: up, down or both (default)");
  bufferbloat->add_option("--probe-interval", texts.probe_interval,
                          "Time between two probes (default: 20ms)");
  bufferbloat->add_option("-b,--bitrate", texts.bitrate,
                          "What UDP offers, in bit/s with k M G decimal (default: 1.25 times what "
                          "TCP carried; on an emulated path up to twice its bottleneck)");
  bufferbloat->add_option("-C,--congestion", texts.congestion,
                          "TCP's congestion control (default: the system's)");
  bufferbloat->add_option("-P,--parallel", texts.parallel,
                          "TCP connections that fill the path together (default: 4)");
  bufferbloat->add_flag("-4", texts.v4, "IPv4 (default on an emulated path)");
  bufferbloat->add_flag("-6", texts.v6, "IPv6");
  bufferbloat->add_option("--seed", texts.seed,
                          "Seed of schedules and an emulated path (default: random)");
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
