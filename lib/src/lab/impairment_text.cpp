#include "lab/impairment_text.hpp"

#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "lab/impairment_in_words.hpp"
#include "lab/impairment_values.hpp"
#include "netduel/base/units.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

constexpr std::array both = {Direction::a_to_b, Direction::b_to_a};

std::string_view prefix_of(Direction direction) {
  return direction == Direction::a_to_b ? "up-" : "down-";
}

Impairment& of(LabSpec& spec, Direction direction) {
  return direction == Direction::a_to_b ? spec.a_to_b : spec.b_to_a;
}

/// Takes "up-" or "down-" off the front of a name; nullopt is both directions.
std::optional<Direction> take_direction(std::string_view& name) {
  for (const Direction direction : both) {
    if (!name.starts_with(prefix_of(direction))) continue;
    name.remove_prefix(prefix_of(direction).size());
    return direction;
  }
  return std::nullopt;
}

/// Those for both directions first, so that one direction's own has the last word.
void apply(LabSpec& spec, const std::vector<ImpairmentText>& settings,
           const std::string& behind = "--") {
  for (const bool of_one : {false, true}) {
    for (const ImpairmentText& setting : settings) {
      std::string_view name = setting.name;
      const auto only = take_direction(name);
      if (only.has_value() != of_one) continue;
      for (const Direction direction : both) {
        if (only && *only != direction) continue;
        if (!set_impairment(of(spec, direction), name, setting.value, behind + setting.name)) {
          throw ImpairmentError(behind + setting.name + ": there is no such impairment");
        }
      }
    }
  }
}

const Preset& preset_named(const std::string& name) {
  const auto found = std::ranges::find(presets(), name, &Preset::name);
  if (found != presets().end()) return *found;
  std::vector<std::string_view> names;
  for (const Preset& preset : presets()) names.push_back(preset.name);
  throw ImpairmentError(fmt::format("--preset {}: there are {}", name, fmt::join(names, ", ")));
}

/// Of the script: the link itself, and flags.
bool takes_no_value(std::string_view name) {
  const auto found = std::ranges::find(impairment_options(), name, &ImpairmentOption::name);
  return name == "down" || name == "up" ||
         (found != impairment_options().end() && found->value.empty());
}

/// One entry of the script, as typed.
struct TypedChange {
  std::chrono::nanoseconds at{};
  std::optional<Direction> only;
  std::string_view name;
  std::string_view value;
  bool has_value = false;
  std::string option;

  [[noreturn]] void refuse() const {
    throw ImpairmentError(option +
                          ": a moment and what changes then, for example --at 2s=down, --at 5s=up, "
                          "--at 7s=loss:3% or --at 7s=up-delay:40ms");
  }
  void apply_to(Impairment& impairment) const {
    if (has_value && takes_no_value(name)) refuse();
    if (name == "down" || name == "up") {
      impairment.down = name == "down";
    } else if (!set_impairment(impairment, name, value, option)) {
      refuse();
    }
  }
};

TypedChange read_change(const std::string& text) {
  constexpr auto latest = 24h;
  TypedChange change;
  change.option = "--at " + text;
  const std::string_view whole = text;
  const std::size_t equals = whole.find('=');
  if (equals == whole.npos) change.refuse();
  const auto at = parse_duration(whole.substr(0, equals));
  if (!at || *at < 0ns) change.refuse();
  if (*at > latest) {
    throw ImpairmentError(change.option + ": a script ends within 24h, for example --at 2s=down");
  }
  change.at = *at;
  std::string_view what = whole.substr(equals + 1);
  change.only = take_direction(what);
  const std::size_t colon = what.find(':');
  change.name = what.substr(0, colon);
  change.has_value = colon != what.npos;
  if (change.has_value) change.value = what.substr(colon + 1);
  return change;
}

/// In order of time; what is typed later wins at the same moment.
void add_script(LabSpec& spec, const std::vector<std::string>& texts) {
  std::vector<TypedChange> changes;
  for (const std::string& text : texts) changes.push_back(read_change(text));
  std::ranges::stable_sort(changes, {}, &TypedChange::at);
  for (const Direction direction : both) {
    Impairment now = spec.of(direction);
    std::map<std::chrono::nanoseconds, Impairment> by_time;
    for (const TypedChange& change : changes) {
      if (change.only && *change.only != direction) continue;
      change.apply_to(now);
      by_time[change.at] = now;
    }
    for (const auto& [at, becomes] : by_time) spec.changes.push_back({at, direction, becomes});
  }
  std::ranges::stable_sort(spec.changes, {}, &Change::at);
}

void check(const LabSpec& spec, const std::string& behind) {
  const auto check_one = [&](Impairment one, Direction direction, std::string_view prefix) {
    // A queue that waits for a bottleneck to come, or outlasts it, is no mistake.
    if (!one.bottleneck_bits_per_second && spec.bottleneck_bits_per_second(direction)) {
      one.queue = one.mark = std::nullopt;
    }
    check_impairment(one, prefix);
  };
  const bool alike = spec.a_to_b == spec.b_to_a;
  for (const Direction direction : both) {
    const std::string prefix = behind + (alike ? "" : std::string(prefix_of(direction)));
    check_one(spec.of(direction), direction, prefix);
  }
  for (const Change& change : spec.changes) {
    check_one(change.becomes, change.direction, "--at: --");
  }
}

/// Who takes a preset's bottleneck away means its queue too.
void drop_idle_queues(LabSpec& spec, const std::vector<ImpairmentText>& settings,
                      const std::vector<OwnSettings>& own) {
  LabSpec typed;
  apply(typed, settings);
  for (const OwnSettings& more : own) apply(typed, more.settings, more.option);
  for (const Direction direction : both) {
    Impairment& one = of(spec, direction);
    if (one.bottleneck_bits_per_second) continue;
    one.queue = typed.of(direction).queue;
    one.mark = typed.of(direction).mark;
  }
}

}  // namespace

const std::vector<ImpairmentOption>& impairment_options() {
  static const std::vector<ImpairmentOption> all = {
      {"loss", "MODEL",
       "Lose packets: 1%; bursts burst:LOSS,LENGTH; Gilbert-Elliott ge:P,R[,BAD[,GOOD]]; certain "
       "ones packets:3,7,10-20"},
      {"duplicate", "RATIO", "Send this share of packets twice"},
      {"reorder", "RATIO", "Hold this share back until later ones have passed"},
      {"reorder-by", "PACKETS", "How many pass one that is held back (default: 3)"},
      {"corrupt", "RATIO", "Flip a bit, which checksums see"},
      {"corrupt-swap", "RATIO", "Swap two 16-bit words, which the Internet checksum can't see"},
      {"delay", "TIME", "Delay each way, for example 20ms"},
      {"jitter", "TIME", "Vary the delay by this much"},
      {"jitter-shape", "SHAPE", "uniform (default), normal or pareto"},
      {"jitter-reorders", "", "Let packets with less delay overtake others"},
      {"bottleneck", "RATE", "IP octets go no faster, in bit/s with k M G decimal"},
      {"queue", "LENGTH", "Room before the bottleneck: 100p, 64K or 50ms (default: 50ms)"},
      {"mark", "LENGTH", "Mark ECN-capable packets when the queue is as long (RFC 3168)"},
      {"impair-arp", "", "Do all this to ARP and neighbour discovery too"},
  };
  return all;
}

LabSpec read_lab_spec(const std::optional<std::string>& preset,
                      const std::vector<ImpairmentText>& settings,
                      const std::vector<std::string>& changes,
                      const std::vector<OwnSettings>& own) {
  LabSpec spec;
  if (preset) apply(spec, preset_named(*preset).settings);
  apply(spec, settings);
  for (const OwnSettings& more : own) apply(spec, more.settings, more.option);
  drop_idle_queues(spec, settings, own);
  add_script(spec, changes);
  // What the settings of one port spoil is one of its own.
  check(spec, own.empty() ? "--" : own.back().option);
  spec.description = in_words(spec, changes);
  return spec;
}

}  // namespace netduel
