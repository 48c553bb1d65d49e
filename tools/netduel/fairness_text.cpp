#include "fairness_text.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "experiment/fairness_verdict.hpp"
#include "netduel/base/units.hpp"
#include "path_options.hpp"
#include "report/bar.hpp"
#include "report/table.hpp"
#include "terminal.hpp"

namespace netduel::tool {
namespace {

constexpr std::size_t longest_live_bar = 40;
constexpr std::size_t shortest_live_bar = 4;
/// Of all flows of the timeline together: what fits 80 columns beside figures and times.
constexpr std::size_t timeline_bar_columns = 24;
/// More flows than these are shown by their sums.
constexpr std::size_t most_bars = 4;
constexpr std::size_t rate_columns = 11;

std::string in_seconds(std::chrono::nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

std::string_view in_words(FairnessPhase phase) {
  switch (phase) {
    case FairnessPhase::tcp_alone:
      return "TCP alone";
    case FairnessPhase::udp_joins:
      return "UDP joins";
    case FairnessPhase::udp_leaves:
      break;
  }
  return "UDP leaves";
}

/// Behind a text, so that it takes that many columns; bars hold one character a column.
std::string padded(const std::string& text, std::size_t columns) {
  const auto is_first = [](char octet) {
    return (static_cast<unsigned char>(octet) & 0xc0) != 0x80;
  };
  const auto used = static_cast<std::size_t>(std::ranges::count_if(text, is_first));
  return text + std::string(columns - std::min(columns, used), ' ');
}

std::string name_of(const FairnessFlow& flow, std::size_t index) {
  if (flow.transport == Transport::udp) {
    return fmt::format("{} UDP {}", index, format_bit_rate(*flow.bits_per_second));
  }
  const auto congestion = flow.congestion_in_use();
  return fmt::format("{} TCP{}", index, congestion ? ' ' + *congestion : "");
}

/// Some flows that one bar stands for.
struct Lane {
  std::string name;
  Transport transport;
  std::vector<std::size_t> flows;
};

std::vector<Lane> lanes_of(const Fairness& fairness) {
  std::vector<Lane> lanes;
  if (fairness.flows.size() <= most_bars) {
    for (std::size_t i = 0; i < fairness.flows.size(); ++i) {
      lanes.push_back({name_of(fairness.flows[i], i), fairness.flows[i].transport, {i}});
    }
    return lanes;
  }
  lanes = {{fmt::format("TCP, {} flows", fairness.spec.tcp.size()), Transport::tcp, {}},
           {fmt::format("UDP, {} flows", fairness.spec.udp.size()), Transport::udp, {}}};
  for (std::size_t i = 0; i < fairness.flows.size(); ++i) {
    lanes[fairness.flows[i].transport == Transport::udp ? 1 : 0].flows.push_back(i);
  }
  return lanes;
}

std::optional<double> goodput(const FairnessInterval& interval, const Lane& lane) {
  if (!takes_part(lane.transport, interval.phase)) return std::nullopt;
  std::optional<double> sum;
  for (const std::size_t flow : lane.flows) {
    if (const auto one = interval.goodput(flow)) sum = sum.value_or(0) + *one;
  }
  return sum;
}

/// A full bar: the bottleneck that the run begins with, also where a script narrows it later.
double full_rate(const FairnessSpec& spec) {
  return std::max(spec.bottleneck_bits_per_second(),
                  spec.lab.a_to_b.bottleneck_bits_per_second.value_or(0));
}

std::string bar_of(const Fairness& fairness, std::optional<double> rate, std::size_t columns) {
  return padded(bar(rate.value_or(0) / full_rate(fairness.spec), columns), columns);
}

std::string heading(const Fairness& fairness) {
  const FairnessSpec& spec = fairness.spec;
  return fmt::format(
      "{} TCP and {} UDP flows ({}) over {}, three phases of {} and {} of each to settle, messages "
      "of {} octets, {}, seed {}\n",
      spec.tcp.size(), spec.udp.size(), format_bit_rate(spec.udp_bits_per_second()),
      path_in_words(spec.lab), in_seconds(spec.times.phase), in_seconds(spec.times.settling),
      spec.message_length(), spec.ip_version == IpVersion::v4 ? "IPv4" : "IPv6", spec.seed);
}

std::string timeline(const Fairness& fairness) {
  const auto lanes = lanes_of(fairness);
  const std::size_t bar_columns = timeline_bar_columns / std::max<std::size_t>(1, lanes.size());
  const std::size_t lane_columns = bar_columns + 1 + rate_columns + 2;
  std::string text = padded("until", 8);
  for (const Lane& lane : lanes) text += padded(lane.name, lane_columns);
  text += "queue\n";
  std::optional<FairnessPhase> phase;
  for (const FairnessInterval& interval : fairness.intervals) {
    if (phase != interval.phase) text += fmt::format("{}\n", in_words(interval.phase));
    phase = interval.phase;
    text += padded(fmt::format("{:.2f} s", std::chrono::duration<double>(interval.end).count()), 8);
    for (const Lane& lane : lanes) {
      const auto rate = goodput(interval, lane);
      text += bar_of(fairness, rate, bar_columns) + ' ' +
              padded(rate ? format_bit_rate(*rate) : "", rate_columns + 2);
    }
    const auto queue = queue_seconds(interval);
    text += queue ? format_duration(*queue) : "";
    text += interval.settling ? ", settling\n" : "\n";
  }
  return text + '\n';
}

std::vector<TableLine> table_lines(const Fairness& fairness) {
  std::vector<TableLine> lines = {{.label = "Goodput"}};
  const auto for_each_flow = [&](std::string_view figure, bool (*takes)(Transport)) {
    for (std::size_t i = 0; i < fairness.flows.size(); ++i) {
      if (!takes(fairness.flows[i].transport)) continue;
      lines.push_back({.label = name_of(fairness.flows[i], i),
                       .metric = fmt::format("flows[{}].{}", i, figure)});
    }
  };
  for_each_flow("goodput_bits_per_second", [](Transport) { return true; });
  lines.push_back({.label = "all of TCP", .metric = "tcp_goodput_bits_per_second"});
  lines.push_back({.label = "all of UDP", .metric = "udp_goodput_bits_per_second"});
  lines.push_back({.label = "Share of all goodput"});
  for_each_flow("share_ratio", [](Transport) { return true; });
  lines.push_back({.label = "Jain's index (1: all equal)", .metric = "jain_index"});
  lines.push_back({.label = "Messages lost"});
  for_each_flow("loss_ratio", [](Transport transport) { return transport == Transport::udp; });
  lines.push_back({.label = "Segments sent again"});
  for_each_flow("retransmitted_segments",
                [](Transport transport) { return transport == Transport::tcp; });
  lines.push_back({.label = "Bottleneck"});
  lines.push_back({.label = "wait in its queue, median", .metric = "queue_seconds"});
  lines.push_back({.label = "wait in its queue, longest seen", .metric = "queue_max_seconds"});
  lines.push_back({.label = "busy", .metric = "bottleneck_busy_ratio"});
  return lines;
}

std::string phase_table(const Fairness& fairness, const Report& report) {
  std::vector<TableColumn> columns;
  for (const PhaseFigures& phase : fairness.phases()) {
    columns.push_back({.title = std::string(in_words(phase.phase)),
                       .scope = fmt::format("phases[{}]", columns.size())});
  }
  if (columns.empty()) return {};
  return to_table(report, table_lines(fairness), columns, {.bold = output_is_styled()});
}

}  // namespace

std::vector<std::string> live_lines(const Fairness& fairness, std::size_t columns) {
  if (fairness.intervals.empty()) return {};
  const FairnessInterval& now = fairness.intervals.back();
  const auto phases = static_cast<int>(fairness_phases.size());
  std::vector<std::string> lines = {fmt::format("{}: {:.1f} of {}, queue {}", in_words(now.phase),
                                                std::chrono::duration<double>(now.end).count(),
                                                in_seconds(phases * fairness.spec.times.phase),
                                                format_duration(queue_seconds(now).value_or(0)))};
  const auto lanes = lanes_of(fairness);
  std::size_t widest = 0;
  for (const Lane& lane : lanes) widest = std::max(widest, lane.name.size());
  const std::size_t taken = widest + 1 + 1 + rate_columns;
  const std::size_t bar_columns =
      std::clamp(columns - std::min(columns, taken), shortest_live_bar, longest_live_bar);
  for (const Lane& lane : lanes) {
    const auto rate = goodput(now, lane);
    lines.push_back(fmt::format("{} {} {}", padded(lane.name, widest),
                                bar_of(fairness, rate, bar_columns),
                                rate ? format_bit_rate(*rate) : ""));
  }
  return lines;
}

std::string as_text(const Fairness& fairness, const Report& report) {
  std::string text = heading(fairness) + '\n';
  text += timeline(fairness);
  text += phase_table(fairness, report);
  text += "Figures of a phase are those behind its time to settle; losses are of all messages.\n\n";
  if (fairness.interrupted) text += "Interrupted: the figures are of what had run until then.\n";
  text += verdict(fairness) + '\n';
  for (const Warning& warning : warnings(fairness)) {
    text += fmt::format("warning: {}\n", warning.text);
  }
  return text;
}

}  // namespace netduel::tool
