#include "lab/lab_spec.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "lab/bottleneck.hpp"

namespace netduel {
namespace {

constexpr int round_trips_to_drain = 4;
/// Lost SYNs are sent again after 1, 3 and 7 s (RFC 6298, section 2).
constexpr auto patience_with_loss = std::chrono::milliseconds(5500);
constexpr int round_trips_of_patience = 10;

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

/// Without the queue.
std::chrono::nanoseconds longest_extra(const Impairment& one) {
  constexpr int hardly_ever_exceeded = 6;
  const bool bounded = one.jitter_shape == JitterShape::uniform;
  std::chrono::nanoseconds extra = one.jitter * (bounded ? 1 : hardly_ever_exceeded);
  if (one.reorder > 0) extra += longest_hold;
  return extra;
}

/// How long a full queue takes at `rate`, which may be that of a later time.
std::chrono::nanoseconds longest_wait(const Impairment& one, double rate, std::size_t mtu_octets) {
  constexpr double octets_of_counted_packet = 1500;
  const auto mtu = static_cast<double>(mtu_octets);
  double bits =
      static_cast<double>(longest_wait(one).count()) * *one.bottleneck_bits_per_second * 1e-9;
  const bool counts_packets = one.queue && one.queue->unit == QueueLength::Unit::packets;
  if (counts_packets) bits *= std::max(1.0, mtu / octets_of_counted_packet);
  // However short the queue, there is room for one packet.
  bits = std::max(bits, 8 * mtu);
  return std::chrono::nanoseconds(std::llround(bits / rate * 1e9));
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
    const auto all = all_of(*this, direction);
    // From the end, as a queue that has filled may have to leave at a lower rate that comes later;
    // without a bottleneck it leaves at once.
    constexpr double at_once = std::numeric_limits<double>::infinity();
    double slowest = at_once;
    for (auto one = all.rbegin(); one != all.rend(); ++one) {
      const auto rate = one->bottleneck_bits_per_second;
      slowest = std::min(rate ? slowest : at_once, rate.value_or(at_once));
      auto extra = longest_extra(*one);
      if (rate) extra += longest_wait(*one, slowest, mtu_octets);
      longest = std::max(longest, extra);
    }
    sum += longest;
  }
  return sum;
}

std::chrono::nanoseconds LabSpec::drain() const {
  return round_trips_to_drain * round_trip() + longest_queueing();
}

std::chrono::nanoseconds LabSpec::patience() const {
  return patience_with_loss + round_trips_of_patience * round_trip() + longest_queueing();
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
