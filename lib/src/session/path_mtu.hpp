#pragma once

#include <cstddef>
#include <optional>

namespace netduel {

/// What is taken for the MTU of a path: Ethernet's where nobody knows it, and where it is
/// loopback's own 64 KiB, which says nothing about any other path.
inline std::size_t usual_mtu_unless_known(std::optional<std::size_t> path_mtu_octets) {
  constexpr std::size_t usual = 1500;
  constexpr std::size_t loopback = 65000;
  const std::size_t known = path_mtu_octets.value_or(usual);
  return known < loopback ? known : usual;
}

}  // namespace netduel
