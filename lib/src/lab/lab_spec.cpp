#include "lab/lab_spec.hpp"

#include <algorithm>

#include "lab/bottleneck.hpp"

namespace netduel {
namespace {

/// The direction's impairments at all times of the script.
std::vector<Impairment> all_of(const LabSpec& spec, Direction direction) {
  std::vector<Impairment> all = {spec.of(direction)};
  for (const Change& change : spec.changes) {
    if (change.direction == direction) all.push_back(change.becomes);
  }
  return all;
}

std::chrono::nanoseconds longest_delay(const LabSpec& spec, Direction direction) {
  std::chrono::nanoseconds longest{};
  for (const Impairment& one : all_of(spec, direction)) longest = std::max(longest, one.delay);
  return longest;
}

std::chrono::nanoseconds longest_extra(const Impairment& one) {
  constexpr int hardly_ever_exceeded = 6;
  const bool bounded = one.jitter_shape == JitterShape::uniform;
  std::chrono::nanoseconds extra = one.jitter * (bounded ? 1 : hardly_ever_exceeded);
  if (one.reorder > 0) extra += longest_hold;
  if (one.bottleneck_bits_per_second) extra += longest_wait(one);
  return extra;
}

}  // namespace

bool LabSpec::needs_single_packets(Direction direction) const {
  return std::ranges::any_of(all_of(*this, direction),
                             [](const Impairment& one) { return one.needs_single_packets(); });
}

std::chrono::nanoseconds LabSpec::round_trip() const {
  return longest_delay(*this, Direction::a_to_b) + longest_delay(*this, Direction::b_to_a);
}

std::chrono::nanoseconds LabSpec::longest_queueing() const {
  std::chrono::nanoseconds sum{};
  for (const Direction direction : {Direction::a_to_b, Direction::b_to_a}) {
    std::chrono::nanoseconds longest{};
    for (const Impairment& one : all_of(*this, direction)) {
      longest = std::max(longest, longest_extra(one));
    }
    sum += longest;
  }
  return sum;
}

std::optional<double> LabSpec::bottleneck_bits_per_second(Direction direction) const {
  std::optional<double> lowest;
  for (const Impairment& one : all_of(*this, direction)) {
    const auto rate = one.bottleneck_bits_per_second;
    if (rate) lowest = std::min(lowest.value_or(*rate), *rate);
  }
  return lowest;
}

}  // namespace netduel
