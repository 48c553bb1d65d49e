#include "lab/snooping.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "wire/octets.hpp"

namespace netduel {
namespace {

constexpr std::uint8_t igmp_query = 0x11;      // RFC 9776, section 4
constexpr std::uint8_t igmp_v1_report = 0x12;  // RFC 1112
constexpr std::uint8_t igmp_v2_report = 0x16;  // RFC 2236
constexpr std::uint8_t igmp_v2_leave = 0x17;
constexpr std::uint8_t igmp_v3_report = 0x22;
constexpr std::uint8_t mld_query = 130;  // RFC 9777, section 5
constexpr std::uint8_t mld_v1_report = 131;
constexpr std::uint8_t mld_v1_done = 132;
constexpr std::uint8_t mld_v2_report = 143;

/// Group record types (RFC 9776, section 4.2.12), the same for MLDv2.
enum Record : std::uint8_t {
  mode_is_include = 1,
  mode_is_exclude = 2,
  change_to_include = 3,
  change_to_exclude = 4,
  allow_new_sources = 5,
  block_old_sources = 6
};

constexpr std::size_t head_octets = 8;

/// Else a frame that was damaged on its way would be believed.
bool has_right_checksum(Bytes frame, const PacketHeaders& headers) {
  std::uint32_t before = 0;
  if (headers.ip_version == IpVersion::v6) {
    constexpr std::uint32_t next_icmpv6 = 58;
    constexpr std::size_t addresses_at = 8, addresses_octets = 32;
    before = internet_sum(frame.subspan(headers.ip_at + addresses_at, addresses_octets));
    before += next_icmpv6 + static_cast<std::uint32_t>(headers.end - headers.transport_at);
  }
  const Bytes message = frame.subspan(headers.transport_at, headers.end - headers.transport_at);
  return fold(internet_sum(message, before)) == 0xffff;
}

}  // namespace

/// Reads group records one after the other, never beyond the message.
class Snooping::Records {
 public:
  Records(Bytes octets, IpVersion version)
      : octets_(octets), address_octets_(version == IpVersion::v4 ? 4 : 16) {}

  std::optional<Address> address() {
    if (octets_.size() < address_octets_) return std::nullopt;
    Address address{};
    for (std::size_t n = 0; n < address_octets_; ++n) address[n] = get_u8(octets_, n);
    octets_ = octets_.subspan(address_octets_);
    return address;
  }
  struct Head {
    std::uint8_t kind = 0;
    std::size_t auxiliary_octets = 0;
    std::size_t sources = 0;
  };
  std::optional<Head> head() {
    constexpr std::size_t octets = 4;
    if (octets_.size() < octets) return std::nullopt;
    const Head head{get_u8(octets_, 0), std::size_t{get_u8(octets_, 1)} * 4, get_u16(octets_, 2)};
    octets_ = octets_.subspan(octets);
    return head;
  }
  void skip(std::size_t octets) { octets_ = octets_.subspan(std::min(octets, octets_.size())); }

 private:
  Bytes octets_;
  std::size_t address_octets_;
};

Snooping::Snooping(std::size_t ports) : groups_of_port_(ports), routers_(ports) {}

bool Snooping::observe(std::size_t port, Bytes frame, const PacketHeaders& headers) {
  if (!headers.is_group_membership || headers.is_fragment || !headers.ip_version) return false;
  if (headers.end - headers.transport_at < head_octets) return false;
  if (!has_right_checksum(frame, headers)) return false;
  const Bytes message = frame.subspan(headers.transport_at, headers.end - headers.transport_at);
  const bool is_v4 = headers.ip_version == IpVersion::v4;
  const std::uint8_t type = get_u8(message, 0);
  if (type == (is_v4 ? igmp_query : mld_query)) {
    routers_[port] = true;
    return false;
  }
  if (type == (is_v4 ? igmp_v3_report : mld_v2_report)) {
    constexpr std::size_t count_at = 6;
    read(port, Records(message.subspan(head_octets), *headers.ip_version),
         get_u16(message, count_at));
    return true;
  }
  const bool joins =
      is_v4 ? type == igmp_v1_report || type == igmp_v2_report : type == mld_v1_report;
  const bool leaves = type == (is_v4 ? igmp_v2_leave : mld_v1_done);
  if (!joins && !leaves) return false;
  // IGMPv2 has its group where the others have their last four octets before addresses.
  const Bytes group_octets = message.subspan(is_v4 ? head_octets - 4 : head_octets);
  const auto group = Records(group_octets, *headers.ip_version).address();
  if (group && joins) join_any_source(port, *group);
  if (group && leaves) leave(port, *group);
  return true;
}

void Snooping::read(std::size_t port, Records records, std::size_t count) {
  for (; count > 0; --count) {
    const auto head = records.head();
    const auto group = head ? records.address() : std::nullopt;
    if (!group) return;
    std::set<Address> sources;
    for (std::size_t n = 0; n < head->sources; ++n) {
      const auto source = records.address();
      if (!source) return;
      if (sources.size() < most_sources_of_a_group) sources.insert(*source);
    }
    records.skip(head->auxiliary_octets);
    apply(port, head->kind, *group, sources);
  }
}

void Snooping::apply(std::size_t port, std::uint8_t kind, const Address& group,
                     const std::set<Address>& sources) {
  const auto ports = groups_.find(group);
  const bool is_known = ports != groups_.end() && ports->second.contains(port);
  if (!is_known && groups_of_port_[port] >= most_groups_of_a_port) return;
  Filter filter = is_known ? ports->second.at(port) : Filter{};
  // Adding to what is let through is taking from what is not, and the other way round.
  const auto add = [&] {
    for (const Address& source : sources) {
      if (filter.sources.size() < most_sources_of_a_group) filter.sources.insert(source);
    }
  };
  const auto take = [&] {
    for (const Address& source : sources) filter.sources.erase(source);
  };
  switch (kind) {
    case mode_is_include:
    case change_to_include:
      filter = {false, sources};
      break;
    case mode_is_exclude:
    case change_to_exclude:
      filter = {true, sources};
      break;
    case allow_new_sources:
      filter.excludes ? take() : add();
      break;
    case block_old_sources:
      filter.excludes ? add() : take();
      break;
    default:
      return;
  }
  if (!filter.excludes && filter.sources.empty()) {
    leave(port, group);
    return;
  }
  if (!is_known) ++groups_of_port_[port];
  groups_[group][port] = std::move(filter);
}

void Snooping::join_any_source(std::size_t port, const Address& group) {
  apply(port, change_to_exclude, group, {});
}

void Snooping::leave(std::size_t port, const Address& group) {
  const auto ports = groups_.find(group);
  if (ports == groups_.end() || ports->second.erase(port) == 0) return;
  --groups_of_port_[port];
  if (ports->second.empty()) groups_.erase(ports);
}

bool Snooping::wants(std::size_t port, const Endpoint& source, const Endpoint& group) const {
  if (routers_[port] || is_for_all(group)) return true;
  const auto ports = groups_.find(group.address_octets());
  if (ports == groups_.end()) return false;
  const auto filter = ports->second.find(port);
  if (filter == ports->second.end()) return false;
  return filter->second.sources.contains(source.address_octets()) != filter->second.excludes;
}

bool Snooping::is_for_all(const Endpoint& group) {
  const auto& octets = group.address_octets();
  if (group.version() == IpVersion::v4) return octets[0] == 224 && octets[1] == 0 && octets[2] == 0;
  constexpr std::uint8_t all_routers = 2;
  return octets[0] == 0xff && octets[1] == 0x02 && octets[15] != all_routers &&
         std::all_of(octets.begin() + 2, octets.end() - 1, [](auto octet) { return octet == 0; });
}

}  // namespace netduel
