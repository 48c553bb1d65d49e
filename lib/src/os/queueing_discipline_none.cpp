#include "os/queueing_discipline.hpp"

namespace netduel::os {

std::optional<std::string> queueing_discipline_towards(const Endpoint&) {
  return std::nullopt;
}

bool keeps_super_packets_whole(const std::string&) {
  return false;
}

}  // namespace netduel::os
