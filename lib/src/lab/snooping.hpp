#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "wire/packet.hpp"

namespace netduel {

/// What a switch knows of its ports' multicast groups, as RFC 4541 recommends: it reads the reports
/// that hosts send (IGMPv1 to 3, RFC 9776; MLDv1 and 2, RFC 9777). A port is that of one host, so
/// that a report tells all there is, and whoever leaves gets no more at once. Knows no time:
/// without a querier hosts don't say again what they have said, and nothing runs out. Not
/// thread-safe.
class Snooping {
 public:
  explicit Snooping(std::size_t ports);

  /// Takes in what came from a port. True for a report, which is for routers alone: to hosts of the
  /// older versions another's report says that they need send none (RFC 4541, section 2.1.1).
  bool observe(std::size_t port, Bytes frame, const PacketHeaders& headers);

  /// Whether a packet for a group goes to a port.
  bool wants(std::size_t port, const Endpoint& source, const Endpoint& group) const;
  /// Whether a port's host asks others for their groups: it gets all, and their reports.
  bool is_router(std::size_t port) const { return routers_[port]; }

  /// 224.0.0.0/24, whose members need not report (RFC 4541, section 2.1.2), and in the same spirit
  /// the first 256 addresses of ff02::/16, but for that of all routers, who are few: they go to all
  /// ports.
  static bool is_for_all(const Endpoint& group);

  static constexpr std::size_t most_groups_of_a_port = 4096;
  static constexpr std::size_t most_sources_of_a_group = 1024;

 private:
  /// In network byte order; the two families' groups differ in their first octet.
  using Address = std::array<std::uint8_t, 16>;
  /// The filter mode of RFC 9776, section 2, and its sources: only these, or all but these.
  struct Filter {
    bool excludes = false;
    std::set<Address> sources;
  };

  class Records;
  void read(std::size_t port, Records records, std::size_t count);
  void apply(std::size_t port, std::uint8_t kind, const Address& group,
             const std::set<Address>& sources);
  void join_any_source(std::size_t port, const Address& group);
  void leave(std::size_t port, const Address& group);

  std::map<Address, std::map<std::size_t, Filter>> groups_;
  std::vector<std::size_t> groups_of_port_;
  std::vector<bool> routers_;
};

}  // namespace netduel
