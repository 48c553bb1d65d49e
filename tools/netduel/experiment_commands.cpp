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
  netduel fairness --bottleneck 20Mbit --delay 10ms --congestion reno,cubic,bbr
  netduel fairness --preset lte --udp 2M,2M --tcp 4 -t 10
  netduel fairness --bottleneck 20Mbit --json    schema netduel/fairness/1

Three phases: TCP alone, UDP joins, UDP leaves. Exit status: 0 done, 1 the run failed,
2 the call was wrong; 129, 130 or 143 interrupted (what was seen until then is printed
all the same).
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

constexpr auto selftest_examples =
    R"(Each check says "verified", "failed" or "not verified here, because ...". docs/trust.md tells what
is checked against what, and what never was.

Examples:
  netduel selftest
  netduel selftest --json                  schema netduel/selftest/1
  netduel selftest --seed 7                the same fates on the emulated paths again

Exit status: 0 nothing failed, 1 a check failed, 2 the call was wrong; 129, 130 or 143
interrupted (what was checked until then is printed all the same).
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
  // These are of one path, and a sweep has several: they are refused with that reason.
  for (const char* const of_one_path : {"--truth", "--pcap"}) {
    sweep->get_option(of_one_path)->group("");
  }
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
      "selftest",
      "Check on this machine whether netduel's figures can be trusted, in 40 s at most");
  selftest->add_option("--seed", texts.seed, "Seed of all that is random (default: random)");
  selftest->add_flag("-J,--json", texts.json, json_help);
  selftest->footer(selftest_examples);
  return selftest;
}

}  // namespace netduel::tool
