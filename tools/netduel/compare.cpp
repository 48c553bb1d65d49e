#include "compare.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "experiment/compare_report.hpp"
#include "experiment/verdict.hpp"
#include "experiment/warnings.hpp"
#include "interrupt.hpp"
#include "log_files.hpp"
#include "netduel/base/units.hpp"
#include "os/network_namespace.hpp"
#include "os/resolve.hpp"
#include "printable.hpp"
#include "report/json.hpp"
#include "report/table.hpp"
#include "terminal.hpp"
#include "truth_file.hpp"
#include "usage_error.hpp"

namespace netduel::tool {
namespace {

const std::string guaranteed = "guaranteed";

/// Of the ledger's lines, those on what came otherwise than it was sent.
const TableLine verified{.label = "verified by CRC32C", .metric = "integrity.verified"};
const TableLine corrupted{.label = "corrupted, found by our check",
                          .metric = "integrity.corrupted"};
const TableLine wrong_checksums{.label = "packets dropped by their checksum",
                                .metric = "checksum_errors"};

std::vector<TableLine> lines(const CompareSpec& spec) {
  std::vector<TableLine> lines = {
      {.label = "Speed"},
      {.label = "goodput", .metric = "goodput_bits_per_second"},
      {.label = fmt::format("on the wire (Ethernet, {})", spec.mtu_octets()),
       .metric = "wire_bits_per_second"},
      {.label = "messages delivered", .metric = "delivered_messages_per_second"},
      {.label = "until the first could be sent", .metric = "setup_seconds"},
      {.label = "until the first arrived", .metric = "first_arrival_seconds"},
      {.label = "Overhead"},
      {.label = "transport header", .metric = "overhead.transport_header_octets"},
      {.label = "headers per message, with IP", .metric = "overhead.header_octets_per_message"},
      {.label = "wire efficiency", .metric = "overhead.wire_efficiency_ratio"},
      {.label = "Ledger, messages"},
      {.label = "skipped (due, not offered)", .metric = "ledger.skipped"},
      {.label = "offered", .metric = "ledger.offered"},
      {.label = "refused by the local stack", .metric = "ledger.refused"},
      {.label = "sent", .metric = "ledger.sent"},
      {.label = "delivered", .metric = "ledger.delivered"},
      {.label = spec.server ? "lost in the receiving host" : "lost in this host",
       .metric = "ledger.lost_in_host",
       .absent = guaranteed},
      {.label = "lost elsewhere", .metric = "ledger.lost_elsewhere", .absent = guaranteed},
      {.label = "reordered", .metric = "ledger.reordered", .absent = guaranteed},
      {.label = "duplicates", .metric = "ledger.duplicates", .absent = guaranteed},
      {.label = "longest run of losses", .metric = "loss_periods.longest", .absent = guaranteed},
      {.label = "TCP segments sent again", .metric = "retransmitted_segments"},
      {.label = "TCP congestion control", .metric = "congestion"},
      {.label = "Delay of a message"},
      {.label = "due to read, p50", .metric = "delay_seconds.p50"},
      {.label = "due to read, p99", .metric = "delay_seconds.p99"},
      {.label = "due to read, max", .metric = "delay_seconds.max"},
      {.label = "due to arrival, p50", .metric = "arrival_delay_seconds.p50"},
      {.label = "due to arrival, p99", .metric = "arrival_delay_seconds.p99"},
      {.label = "due to arrival, max", .metric = "arrival_delay_seconds.max"},
      {.label = "varies by (PDV), p99", .metric = "pdv_seconds.p99"},
      {.label = "jitter of RTP", .metric = "jitter_rfc3550_seconds"},
      {.label = "arrival stamped by", .metric = "arrival_delay_seconds.stamped_by"},
      {.label = "left late by, p99", .metric = "send_lateness_seconds.p99"},
      {.label = "Cost"},
      {.label = "sender, CPU time", .metric = "cpu_seconds_per_gigabyte.sender"},
      {.label = "receiver, CPU time", .metric = "cpu_seconds_per_gigabyte.receiver"},
      {.label = "largest super-packet", .metric = "largest_super_packet_octets"},
      {.label = "send buffer granted", .metric = "send_buffer.granted_octets"},
      {.label = "receive buffer granted", .metric = "receive_buffer.granted_octets"},
  };
  if (spec.verify) {
    const auto ledger_ends = std::ranges::find(lines, "ledger.duplicates", &TableLine::metric) + 1;
    lines.insert(ledger_ends, {wrong_checksums, verified, corrupted});
  }
  return lines;
}

std::string in_seconds(std::chrono::nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

std::string path_of(const CompareSpec& spec) {
  if (!spec.server) return "over " + path_in_words(spec.lab);
  const ServerPath& path = *spec.server;
  return fmt::format(
      "{} {} ({}, {}, round trip {})", path.reverse ? "from" : "to", path.host,
      path.server.to_string(),
      path.is_netduel ? "netduel " + printable(path.version) : std::string("not netduel"),
      in_seconds(path.round_trip));
}

std::string heading(const Comparison& comparison, Part part) {
  const CompareSpec& spec = comparison.spec;
  const std::string how =
      part == Part::full_speed
          ? (spec.udp_follows_tcp() ? "TCP at full speed, UDP offered what TCP achieved so far"
                                    : "Full speed")
          : fmt::format("Paced at {}",
                        format_bit_rate(comparison.paced_bits_per_second.value_or(0)));
  const std::size_t pairs = spec.pairs_of(part);
  return fmt::format("{}: {} of {} and {} to drain, messages of {} octets{}, {} {}, seed {}\n", how,
                     pairs == 1 ? "1 pair" : fmt::format("{} pairs", pairs),
                     in_seconds(spec.trial_time()), in_seconds(spec.drain()), spec.message_length(),
                     spec.verify ? " that are verified" : "",
                     spec.ip_version == IpVersion::v4 ? "IPv4" : "IPv6", path_of(spec), spec.seed);
}

std::string ratio_line(std::string_view figure, const Interval& ratio) {
  if (!ratio.median) return {};
  if (!ratio.low) return fmt::format("  {} UDP/TCP {:.3f}\n", figure, *ratio.median);
  return fmt::format("  {} UDP/TCP {:.3f} [{:.3f}, {:.3f}]  ({})\n", figure, *ratio.median,
                     *ratio.low, *ratio.high, ratio.method);
}

std::string part_as_text(const Comparison& comparison, const Report& report, Part part) {
  const bool udp = !comparison.of(part, Transport::udp).empty();
  const bool tcp = !comparison.of(part, Transport::tcp).empty();
  if (!udp && !tcp) return {};
  const std::string scope = part == Part::full_speed ? "parts.full_speed" : "parts.paced";
  std::vector<TableColumn> columns;
  if (udp) columns.push_back({.title = "UDP", .scope = scope + ".udp", .takes_absent_text = false});
  if (tcp) columns.push_back({.title = "TCP", .scope = scope + ".tcp"});
  std::string text = heading(comparison, part);
  text += to_table(report, lines(comparison.spec), columns, {.bold = output_is_styled()});
  if (udp && tcp) {
    const PartRatios by_pair = ratios(comparison, part);
    text += ratio_line("goodput  ", by_pair.goodput);
    text += ratio_line("p50 delay", by_pair.delay_p50);
    text += ratio_line("p99 delay", by_pair.delay_p99);
  }
  return text + '\n';
}

std::string as_text(const Comparison& comparison, const Report& report) {
  std::string text = part_as_text(comparison, report, Part::full_speed);
  text += part_as_text(comparison, report, Part::paced);
  if (comparison.interrupted) text += "Interrupted: the figures are of what had run until then.\n";
  text += verdict(comparison) + '\n';
  for (const Warning& warning : warnings(comparison)) {
    text += fmt::format("warning: {}\n", warning.text);
  }
  return text;
}

std::string offered_in_words(const Comparison& comparison) {
  const CompareSpec& spec = comparison.spec;
  std::vector<std::string> loads;
  const bool full_speed = spec.pairs_of(Part::full_speed) > 0;
  if (full_speed && spec.tcp) loads.push_back("TCP as fast as it goes");
  if (full_speed && spec.udp) {
    loads.push_back(spec.udp_follows_tcp() ? "UDP at what TCP achieved" : "UDP as fast as it goes");
  }
  if (spec.bits_per_second) {
    loads.push_back(fmt::format("{} of payload", format_bit_rate(*spec.bits_per_second)));
  } else if (full_speed) {
    loads.push_back("less than half of that, paced");
  } else if (const auto rate = default_paced_rate(comparison)) {
    loads.push_back(fmt::format("{} of payload", format_bit_rate(*rate)));
  }
  return fmt::format("{}", fmt::join(loads, ", then "));
}

/// What is about to be offered to a path that others use too.
std::string announcement(const Comparison& comparison) {
  const CompareSpec& spec = comparison.spec;
  constexpr auto around_a_trial = std::chrono::milliseconds(400);
  constexpr int round_trips = 8;
  const std::size_t pairs = spec.pairs_of(Part::full_speed) + spec.pairs_of(Part::paced);
  const std::size_t trials = pairs * (spec.udp && spec.tcp ? 2 : 1);
  const auto each =
      spec.trial_time() + spec.drain() + around_a_trial + round_trips * spec.server->round_trip;
  return fmt::format("{} trials of {} {}, about {} in all: {}", trials,
                     in_seconds(spec.trial_time()), path_of(spec),
                     format_duration(std::ceil(
                         std::chrono::duration<double>(each * static_cast<int>(trials)).count())),
                     offered_in_words(comparison));
}

void progress(const Progress& now) {
  show_progress(fmt::format("{}, pair {} of {}: {}",
                            now.part == Part::full_speed ? "full speed" : "paced", now.pair + 1,
                            now.pairs, now.transport == Transport::udp ? "UDP" : "TCP"));
}

}  // namespace

int run(const CompareOptions& options) {
  check_log_files(options);
  TruthFile truth_file(options.truth_file,
                       options.spec.lab ? options.spec.lab->capture_file : std::nullopt);
  ArrivalLogs logs = open_log_files(options);
  std::optional<Interrupt> interrupt;
  std::optional<Lab> lab;
  CompareSpec spec = options.spec;
  Comparison comparison;
  comparison.spec = spec;
  try {
    // Only a process with one thread can.
    if (options.spec.lab) os::become_able_to_make_namespaces();
    interrupt.emplace();
    if (spec.lab) {
      lab.emplace(*spec.lab);
      lab->start(processors_apart_with_path().path);
    }
    if (spec.server) {
      spec.server->addresses = os::resolve(spec.server->host, spec.port, options.server_ip_version);
    }
    comparison = compare(
        spec, interrupt->token(), progress,
        {.lab = lab ? &*lab : nullptr, .logs = &logs, .planned = [](const Comparison& planned) {
           complain(announcement(planned));
         }});
  } catch (const std::exception& failure) {
    comparison.error = failure.what();
  }
  show_progress({});
  if (lab) comparison.truth = lab->stop();
  const Report report = describe(comparison);
  int status = interrupt ? interrupt->exit_status() : 0;
  if (options.json || !comparison.trials.empty()) {
    const int printed = print(options.json ? to_json(report) + '\n' : as_text(comparison, report));
    if (printed != 0) status = printed;
  }
  if (comparison.interrupted && comparison.trials.empty()) {
    complain("interrupted before a trial was over");
  }
  if (comparison.truth && !truth_file.write(*comparison.truth)) status = 1;
  if (comparison.error) {
    complain(*comparison.error);
    status = 1;
  }
  return status;
}

}  // namespace netduel::tool
