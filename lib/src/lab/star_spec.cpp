#include "lab/star_spec.hpp"

#include <algorithm>

#include "lab/link.hpp"

namespace netduel {
namespace {

/// What a's link and that of another host add up to, where that is most.
template <class Figure>
std::chrono::nanoseconds furthest(const StarSpec& spec, Figure figure) {
  std::chrono::nanoseconds longest{};
  for (std::size_t port = 1; port < spec.ports.size(); ++port) {
    longest = std::max(longest, figure(spec.link_of(port)));
  }
  return (spec.ports.empty() ? longest : figure(spec.link_of(0))) + longest;
}

}  // namespace

std::string StarSpec::name_of(std::size_t port) {
  return port == 0 ? "a" : "h" + std::to_string(port);
}

LabSpec StarSpec::link_of(std::size_t port) const {
  LabSpec link;
  link.a_to_b = ports[port].up;
  link.b_to_a = ports[port].down;
  link.changes = ports[port].changes;
  link.seed = seed_of_port(seed, port);
  link.mtu_octets = mtu_octets;
  return link;
}

std::chrono::nanoseconds StarSpec::round_trip() const {
  return furthest(*this, [](const LabSpec& link) { return link.round_trip(); });
}

std::chrono::nanoseconds StarSpec::drain() const {
  return furthest(*this, [](const LabSpec& link) { return link.drain(); });
}

}  // namespace netduel
