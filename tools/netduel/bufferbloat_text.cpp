#include "bufferbloat_text.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/seconds.hpp"
#include "experiment/bufferbloat_figures.hpp"
#include "experiment/bufferbloat_verdict.hpp"
#include "netduel/base/units.hpp"
#include "path_options.hpp"
#include "printable.hpp"
#include "report/bar.hpp"

namespace netduel::tool {
namespace {

using Time = std::chrono::nanoseconds;

constexpr std::size_t bar_columns = 24;
constexpr std::string_view unknown = "-";
/// What is less is how busy the hosts are.
constexpr auto least_queue = std::chrono::milliseconds(1);

std::string time_text(std::optional<Time> time) {
  return time ? format_duration(seconds(*time)) : std::string(unknown);
}

std::string rate_text(std::optional<double> rate) {
  return rate ? format_bit_rate(*rate) : std::string(unknown);
}

std::string load_text(const BufferbloatPhase& phase) {
  if (!phase.load) return phase.name == "idle" ? "idle" : "idle again";
  const BufferbloatLoad& load = *phase.load;
  const std::string_view way = load.direction == TestDirection::forward ? "up" : "down";
  if (load.transport == Transport::udp) return fmt::format("UDP {}", way);
  const std::string control = load.congestion.empty() ? "" : " " + printable(load.congestion);
  return fmt::format("TCP {}, {}{}", way, load.streams, control);
}

std::string lost_text(std::optional<double> ratio) {
  return ratio ? format_ratio(*ratio) : std::string(unknown);
}

std::string probes_text(const BufferbloatPhase& phase, const RoundTripFigures& figures) {
  if (phase.by != RoundTripsBy::udp_probes) return std::string(unknown);
  return fmt::format("{} of {}", figures.lost, figures.sent);
}

std::string line(const BufferbloatPhase& phase, Time longest) {
  const RoundTripFigures figures = figures_of(phase);
  const auto& load = phase.load;
  const double share =
      figures.p50 && longest.count() > 0 ? seconds(*figures.p50) / seconds(longest) : 0;
  std::string text =
      fmt::format("{:<15} {:>12} {:>12} {:>8} {:>9} {:>9} {:>11}  {}", load_text(phase),
                  load ? rate_text(load->offered_bits_per_second) : unknown,
                  load ? rate_text(load->goodput_bits_per_second) : unknown,
                  load ? lost_text(load->loss_ratio) : unknown, time_text(figures.p50),
                  time_text(figures.p99), probes_text(phase, figures), bar(share, bar_columns));
  text.erase(text.find_last_not_of(' ') + 1);
  return text + '\n';
}

std::string titles() {
  return fmt::format("{:<15} {:>12} {:>12} {:>8} {:>9} {:>9} {:>11}", "Load", "offered", "goodput",
                     "lost", "RTT p50", "p99", "probes lost");
}

std::string path_text(const Bufferbloat& result) {
  if (result.spec.lab) return "over " + path_in_words(result.spec.lab);
  const std::string peer =
      result.is_netduel ? "netduel " + printable(result.version) : std::string("not netduel");
  const std::string address = result.server ? result.server->to_string() : std::string(unknown);
  return fmt::format("to {} ({}, {})", printable(result.spec.host), address, peer);
}

/// A clause a line.
std::string in_lines(std::string text) {
  for (std::size_t at = text.find("; "); at != text.npos; at = text.find("; ", at)) {
    text.replace(at, 2, ";\n  ");
  }
  return text;
}

/// What is estimated of a queue, beside what the emulated one held.
std::string buffer_line(const BufferbloatPhase& phase, const RoundTripFigures& idle) {
  if (!phase.load) return {};
  const AddedDelay added =
      added_delay(figures_of(phase), idle, phase.load->goodput_bits_per_second);
  if (!added.buffer_octets || *added.p50 < least_queue) return {};
  const auto octets = static_cast<std::uint64_t>(std::llround(*added.buffer_octets));
  std::string text =
      fmt::format("{}: about {} octets wait", load_text(phase), format_count(octets));
  if (phase.queue_most_octets) {
    text +=
        fmt::format("; the emulated queue held {} at most", format_count(*phase.queue_most_octets));
  }
  return text + '\n';
}

}  // namespace

std::string as_text(const Bufferbloat& result, bool bold) {
  const BufferbloatSpec& spec = result.spec;
  std::string text = fmt::format("Latency under load {}: phases of {}, a probe each {}, seed {}\n",
                                 path_text(result), time_text(spec.time),
                                 time_text(spec.probe_interval), spec.seed);
  text += bold ? fmt::format("\x1b[1m{}\x1b[0m\n", titles()) : titles() + '\n';
  Time longest{};
  for (const BufferbloatPhase& phase : result.phases) {
    longest = std::max(longest, figures_of(phase).p50.value_or(Time(0)));
  }
  for (const BufferbloatPhase& phase : result.phases) text += line(phase, longest);
  const BufferbloatPhase* const idle = phase_of(result, "idle");
  for (const BufferbloatPhase& phase : result.phases) {
    if (idle != nullptr) text += buffer_line(phase, figures_of(*idle));
  }
  if (result.interrupted) text += "Interrupted: the figures are of what had run until then.\n";
  text += in_lines(verdict(result)) + '\n';
  for (const Warning& warning : warnings(result)) {
    text += fmt::format("warning: {}\n", warning.text);
  }
  return text;
}

std::string announcement(const Bufferbloat& result) {
  const BufferbloatSpec& spec = result.spec;
  const std::string udp = spec.udp_bits_per_second
                              ? fmt::format("UDP at {}", format_bit_rate(*spec.udp_bits_per_second))
                              : std::string("UDP at 1.25 times what that carried");
  return fmt::format(
      "{} phases of {} {}, about {} in all: TCP as fast as it goes ({}), then {}, {}",
      spec.up && spec.down ? 4 : 2, time_text(spec.time), path_text(result),
      format_duration(std::ceil(seconds(expected_time(spec)))),
      spec.tcp_streams == 1 ? "1 connection" : fmt::format("{} connections", spec.tcp_streams), udp,
      spec.up && spec.down ? "up and then down"
      : spec.up            ? "up"
                           : "down");
}

std::string progress_text(const std::string& phase, std::chrono::nanoseconds left) {
  return fmt::format("{}, about {:.0f} s left", phase, std::ceil(seconds(left)));
}

}  // namespace netduel::tool
