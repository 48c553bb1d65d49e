#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lab/lab_spec.hpp"

namespace netduel {

/// Hosts around a switch. Port 0 is host a's, port n that of host n, h1 to hN.
struct StarSpec {
  /// What a port's link does: `up` to what its host sends, `down` to what its host gets.
  struct Port {
    Impairment up;
    Impairment down;
    /// In order of time; a_to_b is up and b_to_a is down.
    std::vector<Change> changes{};
  };
  /// One for each host, a's first; at least two.
  std::vector<Port> ports;
  std::uint64_t seed = 0;
  std::size_t mtu_octets = 1500;
  /// A pcapng file of all ports.
  std::optional<std::string> capture_file;
  /// For people.
  std::string description;

  /// Beside a.
  static constexpr std::size_t most_hosts = 250;

  /// "a", "h1", "h2", ...
  static std::string name_of(std::size_t port);
  /// One port's link, from its host to the switch, with a seed of its own.
  LabSpec link_of(std::size_t port) const;
  /// Between a and the host that is furthest away, both ways, without queues and jitter.
  std::chrono::nanoseconds round_trip() const;
  /// How long after the last send something may still come (Tmax).
  std::chrono::nanoseconds drain() const;
};

}  // namespace netduel
