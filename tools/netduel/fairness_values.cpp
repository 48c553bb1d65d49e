#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "experiment_texts.hpp"
#include "netduel/base/units.hpp"
#include "option_values.hpp"

namespace netduel::tool {
namespace {

using namespace std::chrono_literals;
using Time = std::chrono::nanoseconds;

constexpr std::uint64_t most_flows = 32;
constexpr std::uint64_t usual_tcp_flows = 2;
constexpr double usual_udp_share = 0.75;
constexpr double highest_rate = 1e12;
constexpr auto shortest_phase = 100ms;
constexpr auto longest_phase = 1h;
constexpr auto shortest_interval = 10ms;
constexpr int most_intervals = 10'000;

std::string in_words(Time time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

LabSpec path_with_bottleneck(const std::optional<LabSpec>& lab) {
  if (!lab || !lab->bottleneck_bits_per_second(Direction::a_to_b)) {
    throw UsageError(
        "--bottleneck: flows must share one from a to b, for example --bottleneck 20Mbit or "
        "--preset lte");
  }
  return *lab;
}

std::vector<double> udp_rates(const std::string& text) {
  std::vector<double> rates;
  for (const std::string& part : parts_of(text)) {
    const auto rate = parse_bit_rate(part);
    if (!rate || *rate <= 0 || *rate > highest_rate) {
      refuse("--udp", text,
             "a rate above 0 and up to 1T, or several parted by commas, for example 15Mbit or "
             "5M,5M");
    }
    rates.push_back(*rate);
  }
  if (rates.size() > most_flows) {
    refuse("--udp", text, fmt::format("up to {} flows", most_flows));
  }
  return rates;
}

/// The congestion control of each flow.
std::vector<std::string> tcp_flows(const FairnessTexts& texts) {
  std::vector<std::string> names = {""};
  if (texts.congestion) {
    names = parts_of(*texts.congestion);
    for (const std::string& name : names) (void)congestion(name, true);
  }
  std::uint64_t count = std::max<std::uint64_t>(usual_tcp_flows, names.size());
  if (texts.tcp) {
    count = whole_number("--tcp", *texts.tcp, 1, most_flows,
                         fmt::format("how many TCP flows, 1 to {}", most_flows));
  }
  if (names.size() > count || count > most_flows) {
    refuse("--congestion", *texts.congestion,
           fmt::format("it names {} for {} TCP flows; fewer names or more flows (--tcp, up to {}) "
                       "work",
                       names.size(), std::min(count, most_flows), most_flows));
  }
  std::vector<std::string> flows;
  for (std::size_t i = 0; i < count; ++i) flows.push_back(names[i % names.size()]);
  return flows;
}

Time time_between(std::string_view option, const std::string& text, Time shortest, Time longest,
                  std::string_view what) {
  const auto time = parse_duration(text);
  if (!time || *time < shortest || *time > longest) {
    refuse(option, text,
           fmt::format("{} takes {} to {}", what, in_words(shortest), in_words(longest)));
  }
  return *time;
}

FairnessTimes times_of(const FairnessTexts& texts, const LabSpec& lab) {
  std::optional<Time> phase;
  if (texts.time) {
    phase = time_between("--time", *texts.time, shortest_phase, longest_phase, "a phase");
  }
  FairnessTimes times = usual_times(lab, phase);
  if (texts.interval) {
    const Time finest = std::max<Time>(shortest_interval, times.phase / most_intervals);
    times.interval = time_between("--interval", *texts.interval, finest, times.phase,
                                  "an interval of such a phase");
  }
  if (texts.omit) {
    times.settling = time_between("--omit", *texts.omit, 0s, times.phase * 9 / 10,
                                  "what is left out of such a phase");
  }
  return times;
}

/// Where no message would be due in a phase nothing could be seen.
void check_rates(const FairnessSpec& spec) {
  const double message_bits = 8 * static_cast<double>(spec.message_length());
  const double seconds = std::chrono::duration<double>(spec.times.phase).count();
  for (const double rate : spec.udp) {
    if (rate * seconds >= message_bits) continue;
    refuse("--udp", format_bit_rate(rate),
           fmt::format("less than one message of {} octets in a phase of {}; a higher rate, "
                       "shorter messages (-l) or a longer time (-t) works",
                       spec.message_length(), in_words(spec.times.phase)));
  }
}

}  // namespace

FairnessOptions to_options(const FairnessTexts& texts) {
  FairnessOptions options;
  FairnessSpec& spec = options.spec;
  spec.seed = seed(texts.seed);
  spec.ip_version = ip_version(texts.v4, texts.v6);
  const PathOptions path = texts.path.read(spec.seed, spec.ip_version);
  spec.lab = path_with_bottleneck(path.lab);
  options.truth_file = path.truth_file;
  spec.tcp = tcp_flows(texts);
  spec.udp = texts.udp ? udp_rates(*texts.udp)
                       : std::vector{usual_udp_share * spec.bottleneck_bits_per_second()};
  spec.times = times_of(texts, spec.lab);
  if (texts.length) spec.message_octets = message_octets(*texts.length, false);
  options.json = texts.json;
  check_rates(spec);
  return options;
}

}  // namespace netduel::tool
