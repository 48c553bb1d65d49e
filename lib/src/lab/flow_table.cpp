#include "lab/flow_table.hpp"

#include <algorithm>
#include <string_view>

namespace netduel {
namespace {

/// RFC 9293, section 3.4: sequence numbers compare modulo 2^32.
std::int32_t behind(std::uint32_t sequence, std::uint32_t other) {
  return static_cast<std::int32_t>(sequence - other);
}

void mix(std::size_t& hash, std::uint64_t value) {
  hash ^= value + 0x9e3779b97f4a7c15ULL + (hash << 6) + (hash >> 2);
}

void mix(std::size_t& hash, const Endpoint& endpoint) {
  for (const std::uint8_t octet : endpoint.address_octets()) mix(hash, std::uint64_t{octet});
  mix(hash, std::uint64_t{endpoint.port()});
}

}  // namespace

bool TcpOrder::observe(std::uint32_t sequence, std::uint32_t length) {
  if (length == 0) return false;
  const std::uint32_t end = sequence + length;
  if (!started_) {
    started_ = true;
    next_ = end;
    return false;
  }
  if (behind(sequence, next_) > 0) {
    if (holes_.size() == most_holes) holes_.pop_front();
    holes_.emplace_back(next_, sequence);
    next_ = end;
    return false;
  }
  const auto hole = std::ranges::find_if(holes_, [&](const auto& one) {
    return behind(sequence, one.first) >= 0 && behind(sequence, one.second) < 0;
  });
  if (behind(end, next_) > 0) next_ = end;
  if (hole == holes_.end()) return false;
  const auto [first, last] = *hole;
  holes_.erase(hole);
  if (behind(sequence, first) > 0) holes_.emplace_back(first, sequence);
  if (behind(last, end) > 0) holes_.emplace_back(end, last);
  return true;
}

std::size_t FlowTable::Hash::operator()(const Key& key) const {
  std::size_t hash = static_cast<std::size_t>(key.protocol);
  mix(hash, key.of_a);
  mix(hash, key.of_b);
  return hash;
}

std::size_t FlowTable::find(const PacketHeaders& headers, Direction direction) {
  const bool up = direction == Direction::a_to_b;
  const Key key{headers.protocol, up ? headers.source : headers.destination,
                up ? headers.destination : headers.source};
  if (!headers.is_fragment) return find(key);
  const Key without_ports{key.protocol, key.of_a.with_port(0), key.of_b.with_port(0)};
  if (headers.is_first_fragment) {
    const std::size_t flow = find(key);
    fragments_[next_fragments_] = {without_ports, headers.fragment_id, flow};
    next_fragments_ = (next_fragments_ + 1) % fragments_kept;
    return flow;
  }
  const auto known = std::ranges::find_if(fragments_, [&](const Fragments& some) {
    return some.id == headers.fragment_id && some.key == without_ports;
  });
  return known != fragments_.end() ? known->flow : find(key);
}

std::size_t FlowTable::find(const Key& key) {
  const auto [place, is_new] = known_.try_emplace(key, flows_.size());
  if (is_new) {
    Flow flow;
    flow.protocol = key.protocol;
    flow.ordinal = ordinals_[static_cast<std::size_t>(key.protocol)]++;
    flow.of_a = key.of_a;
    flow.of_b = key.of_b;
    flows_.push_back(std::move(flow));
  }
  return place->second;
}

std::string_view name_of(Protocol protocol) {
  constexpr std::array<std::string_view, 6> names = {"udp",    "tcp", "icmp",
                                                     "icmpv6", "arp", "other"};
  return names[static_cast<std::size_t>(protocol)];
}

}  // namespace netduel
