#include "experiment_commands.hpp"

#include <CLI/CLI.hpp>

namespace netduel::tool {
namespace {

constexpr auto sweep_examples = R"(Examples:
  netduel sweep --loss 0,0.1%,1%,3%,10% --delay 20ms --bottleneck 50Mbit
  netduel sweep --delay 1ms,10ms,100ms --loss 1% -b 2M --congestion cubic,bbr
  netduel sweep --length 64,512,1448,8192 --bottleneck 10M
  netduel sweep --loss 0,burst:1%,5 --delay 10ms --trials 3 --csv losses.csv
  netduel sweep --jitter 0,5ms,10ms --delay 20ms --json     schema netduel/sweep/1

One option holds a list, parted by commas. Each trial of a value has the same schedule of messages:
0.8 of a bottleneck, or 10 Mbit/s, without -b. Exit status: as that of netduel compare.
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
  sweep->add_option("--transport", texts.transport, "udp, tcp or both (default)");
  sweep->add_option("--trials", texts.trials,
                    "Trials of UDP and of each congestion control at each value (default: 6)");
  sweep->add_option("-t,--time", texts.time,
                    "Length of a trial (default: 1s, or 25 round trips where these take longer)");
  sweep->add_option("-b,--bitrate", texts.bitrate,
                    "Offer this payload rate to each, in bit/s with k M G decimal");
  sweep->add_option("-l,--length", texts.length,
                    "Octets in a message, K M binary, or a list of them parted by commas (default: "
                    "what fits the MTU for both, 1448 or 1428 with IPv6)");
  sweep->add_option("-w,--window", texts.window, "Socket buffers, octets with K M binary");
  sweep->add_option(
      "-C,--congestion", texts.congestions,
      "TCP's congestion controls, parted by commas (default: all that the kernel has)");
  sweep->add_flag("--nagle", texts.nagle, "Leave Nagle's algorithm on for TCP");
  sweep->add_flag("--verify", texts.verify,
                  "Fill messages with a pattern and a CRC32C, and check each that comes");
  sweep->add_flag("--no-udp-checksum", texts.no_udp_checksum,
                  "Send UDP without its checksum (IPv4; one datagram at a time)");
  sweep->add_flag("-4", texts.v4, "IPv4 (default)");
  sweep->add_flag("-6", texts.v6, "IPv6");
  sweep->add_option("--seed", texts.seed,
                    "Seed of order, schedules and emulated paths (default: random)");
  sweep
      ->add_option("--csv", texts.csv,
                   "Print comma-separated values in place of the table, or write them into a FILE")
      ->expected(0, 1)
      ->type_name("[FILE]");
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
