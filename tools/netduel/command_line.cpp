#include "command_line.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "command_texts.hpp"
#include "experiment_commands.hpp"
#include "iperf3_call.hpp"
#include "multicast_commands.hpp"
#include "session_commands.hpp"

namespace netduel::tool {
namespace {

constexpr auto questions = R"(netduel answers: what do UDP and TCP each do on this path?

  netduel compare             UDP beside TCP over loopback: speed, loss, order, delay, cost
  netduel compare -b 100M     the same at one offered rate for both: whose messages wait longer?
  netduel compare --loss 1% --delay 20ms --bottleneck 50Mbit
                              the same on a bad path, made on this machine
  netduel compare -w 64K --transport udp
                              what does a small receive buffer lose, and where?
  netduel sweep --loss 0,0.1%,1%,3%,10% --delay 20ms --bottleneck 50Mbit
                              what do UDP and each of TCP's congestion controls do as it gets worse?
  netduel fairness --bottleneck 20Mbit --udp 15Mbit --tcp 2
                              who gives way when flows share a bottleneck?
  netduel bufferbloat --preset bufferbloat
                              how long do others wait while UDP or TCP fills the path?
  netduel multicast demo      what does each of many receivers get? send, receive and compare, too
  netduel compare HOST        the same between two hosts, with a server at the other end
  netduel server              what do TCP and UDP do between two hosts? Serves this and iperf3's
  netduel client HOST         clients; asks a server, netduel's or iperf3's, with iperf3's options
  netduel lab --loss 1% --serve 'iperf3 -s' -- iperf3 -c b
                              what do other programs do on a bad path?
  netduel overhead            what do headers cost for each message length?
  netduel overhead -l 8192 --mtu 9000
                              does a message fit, and what does fragmentation cost?
  netduel analyze log.csv     what do loss, order and delay look like in a log of arrivals?
  netduel selftest            can these figures be trusted on this machine?

Each takes --help and --json. netduel --version tells the version.
)";

constexpr auto compare_examples = R"(Examples:
  netduel compare                          10 pairs at full speed, then 6 paced
  netduel compare -b 100M -l 200           paced only: 100 Mbit/s of 200-octet messages
  netduel compare --transport udp -l 64 --no-offload
  netduel compare --preset lte             over an emulated mobile network
  netduel compare host.example             to a server there: netduel server, or iperf3 -s
  netduel compare --json > result.json     schema netduel/compare/1

Exit status: 0 done, 1 the run failed, 2 the call was wrong; 129, 130 or 143
interrupted (what was measured until then is printed all the same).
)";

constexpr auto lab_examples = R"(Examples:
  netduel lab --delay 20ms --loss 1% -- ping -c 5 b
  netduel lab --preset lte --serve 'iperf3 -s' -- iperf3 -c b
  netduel lab --up-loss packets:3 --truth truth.json -- ./my-program b
  netduel lab --bottleneck 10M             a shell on host a
  netduel lab --hosts 8 --loss 1% --port 3:down-loss=5% \\
    --serve 'iperf -s -u -B 239.1.1.1' -- iperf -u -c 239.1.1.1

The hosts are a and b, by those names; with --hosts N they are a and h1 to hN, around a switch that
forwards a group to those who have joined it. --serve then runs on each of h1 to hN. Programs find
their host's name in NETDUEL_HOST. What the links did is told on standard error.
Exit status: the command's, as shells have it; 1 no lab to be had, 2 the call was wrong.
)";

constexpr auto overhead_examples = R"(Examples:
  netduel overhead
  netduel overhead --length 64,1472,1473 --mtu 1500
  netduel overhead -l 8192 -6 --vlan --json    schema netduel/overhead/1
)";

constexpr auto analyze_examples =
    R"(FILE has a row for each arrival: sequence,sent,arrived[,octets] with times in seconds; in a row of
a message that never came the time of arrival is empty. netduel compare --log writes such files.

Examples:
  netduel analyze log.csv
  netduel analyze log.csv --sent 10000 --tmax 2s
  some-command | netduel analyze - --json      schema netduel/analyze/1
)";

CLI::App* add_compare(CLI::App& app, CompareTexts& texts) {
  CLI::App* compare = app.add_subcommand(
      "compare",
      "Measure UDP and TCP side by side over loopback, an emulated path or to a server, in "
      "interleaved pairs");
  compare->add_option("HOST", texts.host,
                      "A server, netduel's or iperf3's (default: both ends here, on loopback)");
  compare->add_option("--transport", texts.transport, "udp, tcp or both (default)");
  compare->add_option("--pairs", texts.pairs,
                      "Pairs of trials in each part (default: 10 at full speed, 6 paced)");
  compare->add_option("-t,--time", texts.time, "Length of a trial (default: 500ms)");
  compare->add_option("-b,--bitrate", texts.bitrate,
                      "Offer this payload rate, in bit/s with k M G decimal, and run the paced "
                      "part only");
  compare->add_flag(
      "--flood", texts.flood,
      "With -b: run the full-speed part too; on an emulated path and to a HOST: UDP at full speed, "
      "not at what TCP achieved");
  compare->add_option(
      "-l,--length", texts.length,
      "Octets in a message, K M binary (default: what fits the MTU for both, 1448 or "
      "1428 with IPv6)");
  compare->add_option("-w,--window", texts.window, "Socket buffers, octets with K M binary");
  compare->add_flag("-R,--reverse", texts.reverse,
                    "The server at HOST sends, and this end receives");
  compare->add_flag("-4", texts.v4, "IPv4 (default)");
  compare->add_flag("-6", texts.v6, "IPv6");
  compare->add_option("-p,--port", texts.port,
                      "Port of the server at HOST (default: 5201), or to listen on without "
                      "HOST (default: any free one)");
  compare->add_option("-C,--congestion", texts.congestion,
                      "TCP's congestion control (default: the system's)");
  compare->add_flag("--nagle", texts.nagle, "Leave Nagle's algorithm on for TCP");
  compare->add_flag("--no-offload", texts.no_offload,
                    "Send and receive single UDP packets, without UDP_SEGMENT and UDP_GRO");
  compare->add_flag("--verify", texts.verify,
                    "Fill messages with a pattern and a CRC32C, and check each that comes");
  compare->add_flag("--no-udp-checksum", texts.no_udp_checksum,
                    "Send UDP without its checksum (IPv4; one datagram at a time)");
  compare->add_option("--seed", texts.seed,
                      "Seed of order, schedules and an emulated path (default: random)");
  compare->add_option("--log", texts.log_file,
                      "Write each arrival into this file, for netduel analyze (with both "
                      "transports: FILE.csv becomes FILE.udp.csv and FILE.tcp.csv)");
  compare->add_option("--log-rows", texts.log_rows,
                      "Rows at most in a log; it stops there and says so (default: 1000000)");
  compare->add_flag("-J,--json", texts.json, "Print one JSON document and nothing else");
  texts.path.bind(*compare);
  compare->footer(compare_examples);
  return compare;
}

CLI::App* add_lab(CLI::App& app, LabTexts& texts) {
  CLI::App* lab = app.add_subcommand(
      "lab",
      "Run other programs on two hosts, or many, with emulated links between them: netduel lab "
      "[OPTIONS] [-- COMMAND...]");
  lab->add_option("--hosts", texts.hosts,
                  "A star of host a and this many more, h1 to hN: what is said of the path is then "
                  "said of the link of each of these, up being from the host")
      ->type_name("N");
  lab->add_option("--serve", texts.serve,
                  "Run this on host b, or on each of h1 to hN, and COMMAND when it listens")
      ->type_name("COMMAND");
  lab->add_option("--seed", texts.seed, "Seed of all that is random (default: random)");
  texts.path.bind(*lab);
  texts.ports.bind(*lab);
  lab->footer(lab_examples);
  return lab;
}

CLI::App* add_overhead(CLI::App& app, OverheadTexts& texts) {
  CLI::App* overhead = app.add_subcommand(
      "overhead", "Reckon what headers cost on Ethernet, by message length and transport");
  overhead
      ->add_option("-l,--length", texts.lengths,
                   "Payload octets, a list parted by commas (default: a range of common ones)")
      ->delimiter(',');
  overhead->add_option("--mtu", texts.mtu, "MTU in octets (default: 1500)");
  overhead->add_flag("-4", texts.v4, "IPv4 (default)");
  overhead->add_flag("-6", texts.v6, "IPv6");
  overhead->add_flag("--vlan", texts.vlan, "With an IEEE 802.1Q tag: 4 octets more a frame");
  overhead->add_flag("--no-timestamps", texts.no_timestamps,
                     "TCP without its timestamps option (12 octets a segment)");
  overhead->add_flag("-J,--json", texts.json, "Print one JSON document and nothing else");
  overhead->footer(overhead_examples);
  return overhead;
}

CLI::App* add_analyze(CLI::App& app, AnalyzeTexts& texts) {
  CLI::App* analyze = app.add_subcommand(
      "analyze", "Tell loss, order, duplicates and delay from a log of arrivals");
  analyze->add_option("FILE", texts.file, "A CSV file, or - for standard input")->required();
  analyze->add_option("--sent", texts.sent,
                      "How many were sent (default: as many as there are numbers in the log's "
                      "range, which misses losses before and behind it); for a log of one trial");
  analyze->add_option("-O,--omit", texts.omit, "Leave out what was sent in this time at the start");
  analyze->add_option("--tmax", texts.longest_wait,
                      "What took longer is lost (RFC 7680; default: nothing is too late)");
  analyze->add_flag("-J,--json", texts.json, "Print one JSON document and nothing else");
  analyze->footer(analyze_examples);
  return analyze;
}

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// The parser would take the next argument for the value of `--option=`.
void refuse_empty_values(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (!argument.starts_with("--") || argument.find('=') != argument.size() - 1) continue;
    throw UsageError(argument + ": its value is missing; put it behind the = without a space");
  }
}

/// The subcommand that was called, or the one below it.
const CLI::App* innermost(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return command;
}

/// As it is typed, with a space behind it; nothing for the program's own.
std::string name_of(const CLI::App& command, const CLI::App& app) {
  if (&command == &app) return {};
  const CLI::App* parent = command.get_parent();
  return (parent != nullptr ? name_of(*parent, app) : std::string()) + command.get_name() + ' ';
}

std::string help_of(const CLI::App& app) {
  const CLI::App* command = innermost(app);
  if (command == &app) return app.help();
  const CLI::App* parent = command->get_parent();
  return command->help(parent == &app ? "netduel" : "netduel " + parent->get_name());
}

}  // namespace

Request parse_command_line(int argc, const char* const* argv) {
  // What is behind "--" is a command for `lab`, whatever it looks like.
  const auto parting = std::find(argv, argv + argc, std::string_view("--"));
  refuse_empty_values({argv, parting});
  const std::vector<std::string> arguments = with_subcommand({argv, parting});
  std::vector<const char*> words;
  for (const std::string& argument : arguments) words.push_back(argument.c_str());
  CLI::App app("What UDP and TCP each do on a path, side by side", "netduel");
  app.set_version_flag("-v,--version", "netduel " NETDUEL_VERSION);
  app.require_subcommand(0, 1);
  CompareTexts compare_texts;
  LabTexts lab_texts;
  OverheadTexts overhead_texts;
  AnalyzeTexts analyze_texts;
  ClientTexts client_texts;
  ServerTexts server_texts;
  SweepTexts sweep_texts;
  FairnessTexts fairness_texts;
  BufferbloatTexts bufferbloat_texts;
  SelftestTexts selftest_texts;
  MulticastTexts multicast_texts;
  const CLI::App* client = add_client(app, client_texts);
  const CLI::App* server = add_server(app, server_texts);
  const CLI::App* compare = add_compare(app, compare_texts);
  const CLI::App* sweep = add_sweep(app, sweep_texts);
  const CLI::App* fairness = add_fairness(app, fairness_texts);
  const CLI::App* bufferbloat = add_bufferbloat(app, bufferbloat_texts);
  const CLI::App* selftest = add_selftest(app, selftest_texts);
  const CLI::App* multicast = add_multicast(app, multicast_texts);
  const CLI::App* lab = add_lab(app, lab_texts);
  const CLI::App* overhead = add_overhead(app, overhead_texts);
  const CLI::App* analyze = add_analyze(app, analyze_texts);
  try {
    app.parse(static_cast<int>(words.size()), words.data());
  } catch (const CLI::CallForVersion& version) {
    return Print{std::string(version.what()) + '\n'};
  } catch (const CLI::CallForHelp&) {
    return Print{help_of(app)};
  } catch (const CLI::ParseError& error) {
    const std::string hint = lab->parsed() ? "; a command for host a comes after --" : "";
    throw UsageError(fmt::format("{} (see netduel {}--help{})", first_line(error.what()),
                                 name_of(*innermost(app), app), hint));
  }
  if (parting != argv + argc && (!lab->parsed() || parting + 1 == argv + argc)) {
    throw UsageError(
        "--: a command for netduel lab comes behind it, for example netduel lab "
        "--loss 1% -- ping -c 5 b");
  }
  if (client->parsed()) return to_options(client_texts);
  if (server->parsed()) return to_options(server_texts);
  if (compare->parsed()) return to_options(compare_texts);
  if (sweep->parsed()) return to_options(sweep_texts);
  if (fairness->parsed()) return to_options(fairness_texts);
  if (bufferbloat->parsed()) return to_options(bufferbloat_texts);
  if (selftest->parsed()) return to_options(selftest_texts);
  if (auto request = multicast_request(*multicast, multicast_texts)) return *std::move(request);
  if (analyze->parsed()) return to_options(analyze_texts);
  if (overhead->parsed()) return to_options(overhead_texts);
  if (lab->parsed()) {
    LabOptions options = to_options(lab_texts);
    if (parting != argv + argc) options.command.assign(parting + 1, argv + argc);
    return options;
  }
  return Print{questions};
}

}  // namespace netduel::tool
