#include "lab/impairment_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "lab/impairment_text.hpp"
#include "netduel/base/units.hpp"

namespace netduel {
namespace {

using namespace std::chrono_literals;

constexpr auto longest_delay = 60s;
constexpr double highest_rate = 100e9;
constexpr std::uint64_t furthest_reorder = 1000;

/// One option and what was typed for it.
struct Typed {
  std::string_view option;
  std::string_view text;

  [[noreturn]] void refuse(std::string_view works) const {
    throw ImpairmentError(
        fmt::format("{} {}: {}", option, text.empty() ? std::string_view("''") : text, works));
  }
};

double ratio_of(const Typed& typed, std::string_view text) {
  const auto ratio = parse_ratio(text);
  if (!ratio) typed.refuse("a share of packets is 0% to 100%, for example 1% or 0.01");
  return *ratio;
}

std::uint64_t number_of(const Typed& typed, std::string_view text, std::string_view works) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) typed.refuse(works);
  return number;
}

std::chrono::nanoseconds time_of(const Typed& typed) {
  const auto time = parse_duration(typed.text);
  if (!time || *time < 0ns || *time > longest_delay) {
    typed.refuse("a time from 0 to 60s, for example 20ms");
  }
  return *time;
}

std::vector<std::string_view> parted(std::string_view text) {
  std::vector<std::string_view> parts;
  for (std::size_t comma = text.find(','); comma != text.npos; comma = text.find(',')) {
    parts.push_back(text.substr(0, comma));
    text.remove_prefix(comma + 1);
  }
  parts.push_back(text);
  return parts;
}

ScriptedLoss packets_of(const Typed& typed, std::string_view list) {
  constexpr auto works =
      "packets are counted from 1 and listed in order, for example packets:3,7,10-20";
  ScriptedLoss loss;
  std::uint64_t last = 0;
  for (const std::string_view part : parted(list)) {
    const std::size_t dash = part.find('-');
    const std::uint64_t from = number_of(typed, part.substr(0, dash), works);
    const std::uint64_t to =
        dash == part.npos ? from : number_of(typed, part.substr(dash + 1), works);
    if (from <= last || to < from) typed.refuse(works);
    loss.packets.emplace_back(from, to);
    last = to;
  }
  return loss;
}

GilbertElliottLoss gilbert_elliott_of(const Typed& typed, std::string_view list) {
  const auto parts = parted(list);
  if (parts.size() < 2 || parts.size() > 4) {
    typed.refuse(
        "ge:P,R or ge:P,R,BAD,GOOD: the chance to turn bad, to turn good, and of loss in each "
        "state, for example ge:1%,25%");
  }
  GilbertElliottLoss loss;
  loss.good_to_bad = ratio_of(typed, parts[0]);
  loss.bad_to_good = ratio_of(typed, parts[1]);
  if (parts.size() > 2) loss.loss_in_bad = ratio_of(typed, parts[2]);
  if (parts.size() > 3) loss.loss_in_good = ratio_of(typed, parts[3]);
  if (loss.bad_to_good <= 0) typed.refuse("with R = 0 a bad state would never end");
  return loss;
}

GilbertElliottLoss bursts_of(const Typed& typed, std::string_view list) {
  constexpr auto works =
      "burst:LOSS,LENGTH: a share below 100% and the mean length of a burst in "
      "packets, at least 1, for example burst:2%,5";
  const auto parts = parted(list);
  if (parts.size() != 2) typed.refuse(works);
  const double ratio = ratio_of(typed, parts[0]);
  double length = 0;
  const auto [end, error] =
      std::from_chars(parts[1].data(), parts[1].data() + parts[1].size(), length);
  const bool whole = error == std::errc() && end == parts[1].data() + parts[1].size();
  if (!whole || !(length >= 1 && length <= 1e6) || ratio >= 1) typed.refuse(works);
  const double to_good = 1 / length;
  const double to_bad = to_good * ratio / (1 - ratio);
  if (to_bad > 1) typed.refuse("so much loss needs longer bursts");
  return {.good_to_bad = to_bad, .bad_to_good = to_good};
}

LossModel loss_of(const Typed& typed) {
  const auto after = [&](std::string_view prefix) { return typed.text.substr(prefix.size()); };
  if (typed.text == "none") return {};
  if (typed.text.starts_with("packets:")) return packets_of(typed, after("packets:"));
  if (typed.text.starts_with("ge:")) return gilbert_elliott_of(typed, after("ge:"));
  if (typed.text.starts_with("burst:")) return bursts_of(typed, after("burst:"));
  const double ratio = ratio_of(typed, typed.text);
  if (ratio == 0) return {};
  return IndependentLoss{ratio};
}

std::optional<double> rate_of(const Typed& typed) {
  if (typed.text == "none") return std::nullopt;
  const auto rate = parse_bit_rate(typed.text);
  if (!rate || *rate < 1000 || *rate > highest_rate) {
    typed.refuse("a rate from 1k to 100G bit/s, for example 50M");
  }
  return rate;
}

QueueLength length_of(const Typed& typed) {
  constexpr auto works = "a length above 0 in packets, octets or time: 100p, 64K or 50ms";
  const std::string_view text = typed.text;
  if (text.ends_with('p')) {
    const std::uint64_t packets = number_of(typed, text.substr(0, text.size() - 1), works);
    if (packets == 0 || packets > 10'000'000) typed.refuse(works);
    return {QueueLength::Unit::packets, packets};
  }
  if (text.ends_with('s')) {
    const auto time = parse_duration(text);
    if (!time || *time <= 0ns || *time > longest_delay) typed.refuse(works);
    return {QueueLength::Unit::time, static_cast<std::uint64_t>(time->count())};
  }
  const auto octets = parse_octets(text);
  constexpr std::uint64_t most = std::uint64_t{1} << 32;
  if (!octets || *octets == 0 || *octets > most) typed.refuse(works);
  return {QueueLength::Unit::octets, *octets};
}

JitterShape shape_of(const Typed& typed) {
  if (typed.text == "uniform") return JitterShape::uniform;
  if (typed.text == "normal") return JitterShape::normal;
  if (typed.text == "pareto") return JitterShape::pareto;
  typed.refuse("uniform, normal or pareto");
}

struct Setter {
  std::string_view name;
  void (*set)(Impairment&, const Typed&);
};

constexpr std::array<Setter, 14> setters = {
    Setter{"loss", [](Impairment& to, const Typed& typed) { to.loss = loss_of(typed); }},
    Setter{"duplicate",
           [](Impairment& to, const Typed& typed) { to.duplicate = ratio_of(typed, typed.text); }},
    Setter{"reorder",
           [](Impairment& to, const Typed& typed) { to.reorder = ratio_of(typed, typed.text); }},
    Setter{"reorder-by",
           [](Impairment& to, const Typed& typed) {
             constexpr auto works = "1 to 1000 packets";
             const std::uint64_t packets = number_of(typed, typed.text, works);
             if (packets == 0 || packets > furthest_reorder) typed.refuse(works);
             to.reorder_by = static_cast<std::uint32_t>(packets);
           }},
    Setter{"corrupt",
           [](Impairment& to, const Typed& typed) { to.corrupt = ratio_of(typed, typed.text); }},
    Setter{
        "corrupt-swap",
        [](Impairment& to, const Typed& typed) { to.corrupt_swap = ratio_of(typed, typed.text); }},
    Setter{"delay", [](Impairment& to, const Typed& typed) { to.delay = time_of(typed); }},
    Setter{"jitter", [](Impairment& to, const Typed& typed) { to.jitter = time_of(typed); }},
    Setter{"jitter-shape",
           [](Impairment& to, const Typed& typed) { to.jitter_shape = shape_of(typed); }},
    Setter{"jitter-reorders", [](Impairment& to, const Typed&) { to.jitter_reorders = true; }},
    Setter{
        "bottleneck",
        [](Impairment& to, const Typed& typed) { to.bottleneck_bits_per_second = rate_of(typed); }},
    Setter{"queue", [](Impairment& to, const Typed& typed) { to.queue = length_of(typed); }},
    Setter{"mark", [](Impairment& to, const Typed& typed) { to.mark = length_of(typed); }},
    Setter{"impair-arp",
           [](Impairment& to, const Typed&) { to.includes_neighbour_discovery = true; }},
};

}  // namespace

bool set_impairment(Impairment& impairment, std::string_view name, std::string_view text,
                    std::string_view option) {
  const auto found = std::ranges::find(setters, name, &Setter::name);
  if (found == setters.end()) return false;
  found->set(impairment, {option, text});
  return true;
}

void check_impairment(const Impairment& impairment, std::string_view prefix) {
  const auto refuse = [&](std::string_view option, std::string_view why) {
    throw ImpairmentError(fmt::format("{}{}: {}", prefix, option, why));
  };
  if (impairment.queue && !impairment.bottleneck_bits_per_second) {
    refuse("queue", "without a bottleneck nothing waits; --bottleneck 50M gives it a rate");
  }
  if (impairment.mark && !impairment.bottleneck_bits_per_second) {
    refuse("mark", "without a bottleneck there is no queue; --bottleneck 50M gives it a rate");
  }
  const bool uniform = impairment.jitter_shape == JitterShape::uniform;
  if (uniform && impairment.jitter > impairment.delay) {
    refuse("jitter", "a packet can't arrive before it was sent; a --delay at least as long works");
  }
  if (!uniform && impairment.jitter == 0ns) {
    refuse("jitter-shape", "there is no jitter; --jitter 5ms gives it some");
  }
  if (impairment.jitter_reorders && impairment.jitter == 0ns) {
    refuse("jitter-reorders", "there is no jitter; --jitter 5ms gives it some");
  }
  if (impairment.reorder_by != Impairment{}.reorder_by && impairment.reorder == 0) {
    refuse("reorder-by", "nothing is reordered; --reorder 1% does");
  }
}

}  // namespace netduel
