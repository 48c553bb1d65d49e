#include "os/multicast_state.hpp"

namespace netduel::os {

MulticastState multicast_state(const Endpoint&, const std::string& interface) {
  MulticastState state;
  state.interface = interface;
  return state;
}

QuerierWatch::QuerierWatch(IpVersion version) : version_(version) {}

std::optional<bool> QuerierWatch::heard() {
  return std::nullopt;
}

}  // namespace netduel::os
