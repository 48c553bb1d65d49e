#include "lab/impairment_in_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "netduel/base/units.hpp"

namespace netduel {
namespace {

std::string in_words(std::chrono::nanoseconds time) {
  return format_duration(std::chrono::duration<double>(time).count());
}

struct LossInWords {
  std::string operator()(std::monostate) const { return {}; }
  std::string operator()(const IndependentLoss& loss) const {
    return "loss " + format_ratio(loss.ratio);
  }
  std::string operator()(const GilbertElliottLoss& loss) const {
    return fmt::format("loss in bursts of {} packets",
                       format_number(loss.bad_to_good > 0 ? 1 / loss.bad_to_good : 0));
  }
  std::string operator()(const ScriptedLoss& loss) const {
    return fmt::format("{} chosen losses", loss.packets.size());
  }
};

std::string in_words(const QueueLength& length) {
  switch (length.unit) {
    case QueueLength::Unit::packets:
      return fmt::format("{} packets", length.amount);
    case QueueLength::Unit::octets:
      return format_octets(length.amount);
    case QueueLength::Unit::time:
      return format_duration(static_cast<double>(length.amount) * 1e-9);
  }
  return {};
}

std::string in_words(const Impairment& one, std::string_view each_way) {
  std::vector<std::string> parts;
  const auto add = [&](bool there, std::string text) {
    if (there) parts.push_back(std::move(text));
  };
  const std::string loss = std::visit(LossInWords{}, one.loss);
  add(!loss.empty(), loss);
  add(one.duplicate > 0, "duplicates " + format_ratio(one.duplicate));
  add(one.reorder > 0, "reordering " + format_ratio(one.reorder));
  add(one.corrupt > 0, "flipped bits " + format_ratio(one.corrupt));
  add(one.corrupt_swap > 0, "swapped words " + format_ratio(one.corrupt_swap));
  add(one.delay.count() > 0, fmt::format("delay {}{}", in_words(one.delay), each_way));
  add(one.jitter.count() > 0, "jitter " + in_words(one.jitter));
  if (one.bottleneck_bits_per_second) {
    parts.push_back("bottleneck " + format_bit_rate(*one.bottleneck_bits_per_second));
  }
  if (one.queue) parts.push_back("queue " + in_words(*one.queue));
  if (one.mark) parts.push_back("marks from " + in_words(*one.mark));
  return parts.empty() ? "no impairment" : fmt::format("{}", fmt::join(parts, ", "));
}

/// "7s=loss:3%" as "7s loss 3%".
std::string change_in_words(std::string change) {
  const auto what = change.find('=');
  if (what == std::string::npos) return change;
  change[what] = ' ';
  const auto value = change.find(':', what);
  if (value != std::string::npos) change[value] = ' ';
  return change;
}

}  // namespace

std::string in_words(const LabSpec& spec, const std::vector<std::string>& changes) {
  std::string text =
      spec.a_to_b == spec.b_to_a
          ? in_words(spec.a_to_b, " each way")
          : fmt::format("up: {}; down: {}", in_words(spec.a_to_b, ""), in_words(spec.b_to_a, ""));
  for (const std::string& change : changes) text += "; at " + change_in_words(change);
  return text;
}

}  // namespace netduel
