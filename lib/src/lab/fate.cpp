#include <algorithm>
#include <cmath>

#include "lab/link.hpp"

namespace netduel {
namespace {

/// Each purpose has draws of its own.
enum class Purpose : std::uint64_t {
  loss = 1,
  channel,
  duplicate,
  reorder,
  flip,
  flip_where,
  swap,
  swap_where,
  jitter,
  jitter_second
};

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): every bit of the input changes about
/// half of the output's.
std::uint64_t mixed(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

/// The draws of one packet.
class Draws {
 public:
  Draws(std::uint64_t seed, Direction direction, PacketName name)
      : key_(mixed(mixed(mixed(mixed(seed) ^ static_cast<std::uint64_t>(direction)) ^ name.flow) ^
                   name.number)) {}

  std::uint64_t bits(Purpose purpose) const {
    return mixed(key_ ^ mixed(static_cast<std::uint64_t>(purpose)));
  }
  /// In (0, 1], the same on every platform.
  double uniform(Purpose purpose) const {
    return (static_cast<double>(bits(purpose) >> 11) + 1.0) * 0x1.0p-53;
  }
  bool happens(Purpose purpose, double ratio) const {
    return ratio > 0 && uniform(purpose) <= ratio;
  }

 private:
  std::uint64_t key_;
};

struct IsLost {
  const Draws& draws;
  PacketName name;
  Channel& channel;

  bool operator()(std::monostate) const { return false; }
  bool operator()(const IndependentLoss& loss) const {
    return draws.happens(Purpose::loss, loss.ratio);
  }
  bool operator()(const GilbertElliottLoss& loss) const {
    const double change = channel.bad ? loss.bad_to_good : loss.good_to_bad;
    if (draws.happens(Purpose::channel, change)) channel.bad = !channel.bad;
    return draws.happens(Purpose::loss, channel.bad ? loss.loss_in_bad : loss.loss_in_good);
  }
  bool operator()(const ScriptedLoss& loss) const {
    const auto after = std::ranges::upper_bound(loss.packets, name.number, {},
                                                [](const auto& range) { return range.first; });
    return after != loss.packets.begin() && name.number <= std::prev(after)->second;
  }
};

/// In units of the jitter.
double deviation(JitterShape shape, const Draws& draws) {
  const double first = draws.uniform(Purpose::jitter);
  switch (shape) {
    case JitterShape::uniform:
      return 2 * first - 1;
    case JitterShape::normal: {
      // Box and Muller 1958.
      constexpr double two_pi = 6.283185307179586;
      return std::sqrt(-2 * std::log(first)) *
             std::cos(two_pi * draws.uniform(Purpose::jitter_second));
    }
    case JitterShape::pareto: {
      // Of shape 3 and scale 1: mean 3/2, variance 3/4. Cut where it would be exceeded by one in
      // ten thousand, as a single packet must not hold up a link for seconds.
      constexpr double rarest = 1e-4;
      return (std::pow(std::max(first, rarest), -1.0 / 3) - 1.5) / std::sqrt(0.75);
    }
  }
  return 0;
}

}  // namespace

std::uint64_t seed_of_port(std::uint64_t seed, std::size_t port) {
  return mixed(mixed(seed) + port);
}

Fate fate_of(const Impairment& impairment, std::uint64_t seed, Direction direction, PacketName name,
             Channel& channel) {
  const Draws draws(seed, direction, name);
  Fate fate;
  fate.lost = std::visit(IsLost{draws, name, channel}, impairment.loss);
  if (fate.lost) return fate;
  fate.duplicated = draws.happens(Purpose::duplicate, impairment.duplicate);
  fate.held_back = draws.happens(Purpose::reorder, impairment.reorder);
  if (draws.happens(Purpose::flip, impairment.corrupt)) {
    fate.flip = draws.bits(Purpose::flip_where);
  }
  if (draws.happens(Purpose::swap, impairment.corrupt_swap)) {
    fate.swap = draws.bits(Purpose::swap_where);
  }
  if (impairment.jitter.count() > 0) {
    fate.jitter =
        std::chrono::nanoseconds(std::llround(static_cast<double>(impairment.jitter.count()) *
                                              deviation(impairment.jitter_shape, draws)));
  }
  return fate;
}

}  // namespace netduel
