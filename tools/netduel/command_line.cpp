#include "command_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <optional>
#include <random>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/CLI.hpp>

#include "netduel/base/units.hpp"
#include "netduel/wire/overhead.hpp"
#include "netduel/wire/probe.hpp"
#include "os/stream.hpp"

namespace netduel::tool {
namespace {

constexpr auto questions = R"(netduel answers: what do UDP and TCP each do on this path?

  netduel compare             UDP beside TCP over loopback: speed, loss, order, delay, cost
  netduel compare -b 100M     the same at one offered rate for both: whose messages wait longer?
  netduel compare --loss 1% --delay 20ms --bottleneck 50Mbit
                              the same on a bad path, made on this machine
  netduel compare -w 64K --transport udp
                              what does a small receive buffer lose, and where?
  netduel lab --loss 1% --serve 'iperf3 -s' -- iperf3 -c b
                              what do other programs do on a bad path?
  netduel overhead            what do headers cost for each message length?
  netduel overhead -l 8192 --mtu 9000
                              does a message fit, and what does fragmentation cost?
  netduel analyze log.csv     what do loss, order and delay look like in a log of arrivals?

Each takes --help and --json. netduel --version tells the version.
)";

constexpr auto compare_examples = R"(Examples:
  netduel compare                          10 pairs at full speed, then 6 paced
  netduel compare -b 100M -l 200           paced only: 100 Mbit/s of 200-octet messages
  netduel compare --transport udp -l 64 --no-offload
  netduel compare --preset lte             over an emulated mobile network
  netduel compare --json > result.json     schema netduel/compare/1

Exit status: 0 done, 1 the run failed, 2 the call was wrong, 130 or 143 interrupted
(what was measured until then is printed all the same).
)";

constexpr auto lab_examples = R"(Examples:
  netduel lab --delay 20ms --loss 1% -- ping -c 5 b
  netduel lab --preset lte --serve 'iperf3 -s' -- iperf3 -c b
  netduel lab --up-loss packets:3 --truth truth.json -- ./my-program b
  netduel lab --bottleneck 10M             a shell on host a

The hosts are a and b, by those names. What the link did is told on standard error.
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

constexpr std::uint64_t largest_message = largest_udp_payload_v4;
/// A character, voice, a small request, a cache line's worth, what fits 1500 octets, a disk block,
/// the largest datagram.
constexpr std::array<std::uint64_t, 8> common_lengths = {1, 64, 160, 512, 1448, 1472, 8192, 65507};
constexpr std::size_t largest_mtu = 65535;
constexpr std::size_t most_pairs = 10000;
constexpr std::uint64_t most_log_rows = 100'000'000;
constexpr double highest_bitrate = 1e12;
constexpr auto longest_time = std::chrono::hours(1);

/// The texts of the options as typed; turned into values by the functions below.
struct CompareTexts {
  PathTexts path;
  std::string transport = "both";
  std::optional<std::string> pairs;
  std::optional<std::string> time;
  std::optional<std::string> bitrate;
  std::optional<std::string> length;
  std::optional<std::string> window;
  std::optional<std::string> congestion;
  std::optional<std::string> seed;
  std::optional<std::string> port;
  std::optional<std::string> log_file;
  std::optional<std::string> log_rows;
  bool v4 = false;
  bool v6 = false;
  bool flood = false;
  bool no_offload = false;
  bool nagle = false;
  bool json = false;
};

struct LabTexts {
  PathTexts path;
  std::optional<std::string> serve;
  std::optional<std::string> seed;
};

struct OverheadTexts {
  std::vector<std::string> lengths;
  std::optional<std::string> mtu;
  bool v4 = false;
  bool v6 = false;
  bool vlan = false;
  bool no_timestamps = false;
  bool json = false;
};

struct AnalyzeTexts {
  std::string file;
  std::optional<std::string> sent;
  std::optional<std::string> omit;
  std::optional<std::string> longest_wait;
  bool json = false;
};

[[noreturn]] void refuse(std::string_view option, std::string_view given, std::string_view works) {
  throw UsageError(fmt::format("{} {}: {}", option, given.empty() ? "''" : given, works));
}

std::uint64_t whole_number(std::string_view option, const std::string& text, std::uint64_t lowest,
                           std::uint64_t highest, std::string_view works) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = error == std::errc() && end == text.data() + text.size();
  if (!whole || value < lowest || value > highest) refuse(option, text, works);
  return value;
}

std::size_t message_octets(const std::string& text) {
  const auto octets = parse_octets(text);
  if (!octets || *octets < Probe::octets || *octets > largest_message) {
    refuse("--length", text,
           fmt::format("a message is {} to {} octets long (its probe takes {})", Probe::octets,
                       largest_message, Probe::octets));
  }
  return static_cast<std::size_t>(*octets);
}

std::chrono::nanoseconds trial_time(const std::string& text) {
  const auto time = parse_duration(text);
  if (!time || *time < std::chrono::milliseconds(1) || *time > longest_time) {
    refuse("--time", text, "a trial takes 1ms to 1h, for example 0.5, 500ms or 10s");
  }
  return *time;
}

double bitrate(const std::string& text) {
  const auto rate = parse_bit_rate(text);
  if (rate && *rate > highest_bitrate) refuse("--bitrate", text, "at most 1T, a terabit a second");
  if (!rate || *rate <= 0) {
    refuse("--bitrate", text,
           "a paced run needs a rate above 0, for example 10M or 1.5Gbit/s; without -b both "
           "transports run at full speed first");
  }
  return *rate;
}

std::size_t window(const std::string& text) {
  constexpr std::uint64_t largest_window = std::uint64_t{1} << 30;
  const auto octets = parse_octets(text);
  if (!octets || *octets == 0 || *octets > largest_window) {
    refuse("--window", text, "a socket buffer is 1 octet to 1G, for example 64K or 4M");
  }
  return static_cast<std::size_t>(*octets);
}

std::string congestion(const std::string& name) {
  const auto known = os::available_congestion_controls();
  if (!known.empty() && std::ranges::find(known, name) == known.end()) {
    refuse("--congestion", name,
           fmt::format("this kernel has no such congestion control; it has {}",
                       fmt::join(known, ", ")));
  }
  return name;
}

std::uint64_t seed(const std::optional<std::string>& text) {
  if (!text) return std::random_device{}();
  return whole_number("--seed", *text, 0, UINT64_MAX,
                      "a whole number from 0 to 18446744073709551615");
}

IpVersion ip_version(bool v4, bool v6) {
  if (v4 && v6) throw UsageError("-4 -6: choose one of the two");
  return v6 ? IpVersion::v6 : IpVersion::v4;
}

/// An option for a transport that isn't measured would be ignored, and its user mistaken.
void check_transports(const CompareTexts& texts) {
  const auto needs = [](std::string_view option, std::string_view transport) {
    throw UsageError(fmt::format(
        "{} is for {}, which --transport leaves out; leave out one of the two", option, transport));
  };
  if (texts.transport == "udp" && texts.congestion) needs("--congestion", "TCP");
  if (texts.transport == "udp" && texts.nagle) needs("--nagle", "TCP");
  if (texts.transport == "tcp" && texts.no_offload) needs("--no-offload", "UDP");
}

/// Where a paced message would be due less than once in a trial, nothing could be measured.
void check_rate(const CompareSpec& spec) {
  if (!spec.bits_per_second) return;
  const double per_message = 8.0 * static_cast<double>(spec.message_length());
  const double messages =
      *spec.bits_per_second / per_message * std::chrono::duration<double>(spec.time).count();
  if (messages >= 1) return;
  throw UsageError(
      fmt::format("--bitrate {}: less than one message of {} octets in {}; a higher rate, shorter "
                  "messages (-l) or a longer time (-t) works",
                  format_bit_rate(*spec.bits_per_second), spec.message_length(),
                  format_duration(std::chrono::duration<double>(spec.time).count())));
}

CompareOptions to_options(const CompareTexts& texts) {
  CompareOptions options;
  CompareSpec& spec = options.spec;
  if (texts.transport != "both" && texts.transport != "udp" && texts.transport != "tcp") {
    refuse("--transport", texts.transport, "udp, tcp or both");
  }
  check_transports(texts);
  spec.udp = texts.transport != "tcp";
  spec.tcp = texts.transport != "udp";
  if (texts.pairs) {
    spec.pairs = whole_number("--pairs", *texts.pairs, 1, most_pairs, "1 to 10000 pairs");
  }
  spec.seed = seed(texts.seed);
  spec.ip_version = ip_version(texts.v4, texts.v6);
  const PathOptions path = texts.path.read(spec.seed, spec.ip_version);
  spec.lab = path.lab;
  options.truth_file = path.truth_file;
  constexpr int round_trips = 10;
  if (spec.lab) spec.time = std::max(spec.time, round_trips * spec.lab->round_trip());
  if (texts.time) spec.time = trial_time(*texts.time);
  if (texts.bitrate) spec.bits_per_second = bitrate(*texts.bitrate);
  if (texts.length) spec.message_octets = message_octets(*texts.length);
  if (texts.window) spec.window_octets = window(*texts.window);
  if (texts.congestion) spec.congestion = congestion(*texts.congestion);
  if (texts.port) {
    spec.port = static_cast<std::uint16_t>(
        whole_number("--port", *texts.port, 1, 65535, "a port is a number from 1 to 65535"));
  }
  options.log_file = texts.log_file;
  if (texts.log_rows) {
    if (!texts.log_file)
      refuse("--log-rows", *texts.log_rows, "there is no log without --log FILE");
    options.log_rows =
        whole_number("--log-rows", *texts.log_rows, 1, most_log_rows, "1 to 100000000 rows");
  }
  spec.flood = texts.flood;
  spec.offload = !texts.no_offload;
  spec.no_delay = !texts.nagle;
  options.json = texts.json;
  check_rate(spec);
  return options;
}

LabOptions to_options(const LabTexts& texts) {
  LabOptions options;
  options.seed = seed(texts.seed);
  options.path = texts.path.read(options.seed, IpVersion::v4);
  options.serve = texts.serve;
  if (texts.serve && texts.serve->empty()) {
    refuse("--serve", *texts.serve, "a command line for host b, for example --serve 'iperf3 -s'");
  }
  return options;
}

OverheadOptions to_options(const OverheadTexts& texts) {
  OverheadOptions options;
  OverheadSpec& spec = options.spec;
  spec.ip_version = ip_version(texts.v4, texts.v6);
  const bool v4 = spec.ip_version == IpVersion::v4;
  if (texts.mtu) {
    const std::uint64_t lowest = v4 ? 68 : 1280;
    spec.mtu_octets =
        whole_number("--mtu", *texts.mtu, lowest, largest_mtu,
                     fmt::format("with {} an MTU is {} to {} octets ({})", v4 ? "IPv4" : "IPv6",
                                 lowest, largest_mtu, v4 ? "RFC 791" : "RFC 8200"));
  }
  const std::uint64_t longest = v4 ? largest_udp_payload_v4 : largest_udp_payload_v6;
  for (const std::string& text : texts.lengths) {
    const auto octets = parse_octets(text);
    if (!octets || *octets == 0 || *octets > longest) {
      refuse("--length", text, fmt::format("a payload is 1 to {} octets long", longest));
    }
    spec.payload_octets.push_back(*octets);
  }
  if (spec.payload_octets.empty()) {
    spec.payload_octets.assign(common_lengths.begin(), common_lengths.end());
  }
  spec.vlan = texts.vlan;
  spec.timestamps = !texts.no_timestamps;
  options.json = texts.json;
  return options;
}

AnalyzeOptions to_options(const AnalyzeTexts& texts) {
  AnalyzeOptions options;
  options.file = texts.file;
  const auto time = [](std::string_view option, const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed || parsed->count() < 0) refuse(option, text, "a time, for example 500ms or 2s");
    return *parsed;
  };
  if (texts.sent) {
    options.spec.sent =
        whole_number("--sent", *texts.sent, 1, std::uint64_t{1} << 62, "how many were sent");
  }
  if (texts.omit) options.spec.omit = time("--omit", *texts.omit);
  if (texts.longest_wait) options.spec.longest_wait = time("--tmax", *texts.longest_wait);
  options.json = texts.json;
  return options;
}

CLI::App* add_compare(CLI::App& app, CompareTexts& texts) {
  CLI::App* compare = app.add_subcommand(
      "compare",
      "Measure UDP and TCP side by side over loopback or an emulated path, in interleaved pairs");
  compare->add_option("--transport", texts.transport, "udp, tcp or both (default)");
  compare->add_option("--pairs", texts.pairs,
                      "Pairs of trials in each part (default: 10 at full speed, 6 paced)");
  compare->add_option("-t,--time", texts.time, "Length of a trial (default: 500ms)");
  compare->add_option("-b,--bitrate", texts.bitrate,
                      "Offer this payload rate, in bit/s with k M G decimal, and run the paced "
                      "part only");
  compare->add_flag(
      "--flood", texts.flood,
      "With -b: run the full-speed part too; on an emulated path: UDP at full speed, not at what "
      "TCP achieved");
  compare->add_option(
      "-l,--length", texts.length,
      "Octets in a message, K M binary (default: what fits the MTU for both, 1448 or "
      "1428 with IPv6)");
  compare->add_option("-w,--window", texts.window, "Socket buffers, octets with K M binary");
  compare->add_flag("-4", texts.v4, "IPv4 (default)");
  compare->add_flag("-6", texts.v6, "IPv6");
  compare->add_option("-p,--port", texts.port, "Port to listen on (default: any free one)");
  compare->add_option("-C,--congestion", texts.congestion,
                      "TCP's congestion control (default: the system's)");
  compare->add_flag("--nagle", texts.nagle, "Leave Nagle's algorithm on for TCP");
  compare->add_flag("--no-offload", texts.no_offload,
                    "Send and receive single UDP packets, without UDP_SEGMENT and UDP_GRO");
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
      "Run other programs on two hosts with an emulated path between them: netduel lab [OPTIONS] "
      "[-- COMMAND...]");
  lab->add_option("--serve", texts.serve, "Run this on host b, and COMMAND when it listens")
      ->type_name("COMMAND");
  lab->add_option("--seed", texts.seed, "Seed of all that is random (default: random)");
  texts.path.bind(*lab);
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
                      "range, which misses losses at its end)");
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

std::string help_of(const CLI::App& app) {
  for (const CLI::App* command : app.get_subcommands()) return command->help("netduel");
  return app.help();
}

}  // namespace

Request parse_command_line(int argc, const char* const* argv) {
  CLI::App app("What UDP and TCP each do on a path, side by side", "netduel");
  app.set_version_flag("-v,--version", "netduel " NETDUEL_VERSION);
  app.require_subcommand(0, 1);
  CompareTexts compare_texts;
  LabTexts lab_texts;
  OverheadTexts overhead_texts;
  AnalyzeTexts analyze_texts;
  const CLI::App* compare = add_compare(app, compare_texts);
  const CLI::App* lab = add_lab(app, lab_texts);
  const CLI::App* overhead = add_overhead(app, overhead_texts);
  const CLI::App* analyze = add_analyze(app, analyze_texts);
  // What is behind "--" is a command for `lab`, whatever it looks like.
  const auto parting = std::find(argv, argv + argc, std::string_view("--"));
  try {
    app.parse(static_cast<int>(parting - argv), argv);
  } catch (const CLI::CallForVersion& version) {
    return Print{std::string(version.what()) + '\n'};
  } catch (const CLI::CallForHelp&) {
    return Print{help_of(app)};
  } catch (const CLI::ParseError& error) {
    const auto chosen = app.get_subcommands();
    const std::string hint = lab->parsed() ? "; a command for host a comes after --" : "";
    throw UsageError(fmt::format("{} (see netduel {}--help{})", first_line(error.what()),
                                 chosen.empty() ? "" : chosen.front()->get_name() + ' ', hint));
  }
  if (parting != argv + argc && (!lab->parsed() || parting + 1 == argv + argc)) {
    throw UsageError(
        "--: a command for netduel lab comes behind it, for example netduel lab "
        "--loss 1% -- ping -c 5 b");
  }
  if (compare->parsed()) return to_options(compare_texts);
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
