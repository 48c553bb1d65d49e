#pragma once

#include <chrono>
#include <cstdint>
#include <utility>
#include <vector>

#include "lab/link.hpp"

/// What tests of a link share.
namespace netduel::testing {

inline LabSpec spec_of(const Impairment& up, std::uint64_t seed = 1) {
  LabSpec spec;
  spec.a_to_b = up;
  spec.seed = seed;
  return spec;
}

inline Link link_of(const Impairment& up, std::uint64_t seed = 1) {
  return Link(spec_of(up, seed), Direction::a_to_b);
}

inline LinkPacket packet(std::uint64_t number, std::uint32_t ip_octets = 1500,
                         std::size_t flow_index = 0) {
  LinkPacket one;
  one.name = {flow_index, number};
  one.flow_index = flow_index;
  one.ip_octets = ip_octets;
  return one;
}

inline LinkPacket ecn_capable(LinkPacket one) {
  one.ecn_capable = true;
  return one;
}

inline void append(std::vector<Leaving>& to, std::vector<Leaving> more) {
  for (Leaving& one : more) to.push_back(std::move(one));
}

/// All that is still to leave, by an owner who is always in time.
inline std::vector<Leaving> drain(Link& link) {
  std::vector<Leaving> left;
  while (const auto next = link.next_event()) append(left, link.advance(*next));
  return left;
}

inline std::vector<std::uint64_t> numbers(const std::vector<Leaving>& left) {
  std::vector<std::uint64_t> result;
  for (const Leaving& one : left) result.push_back(one.packet.name.number);
  return result;
}

/// Packets 1 to `count` enter, one each `gap`, and all come out.
struct Passage {
  std::vector<Entered> entered;
  std::vector<Leaving> left;
};
inline Passage pass(Link& link, std::uint64_t count, std::chrono::nanoseconds gap,
                    std::uint32_t ip_octets = 1500) {
  Passage passage;
  for (std::uint64_t number = 1; number <= count; ++number) {
    const auto now = static_cast<std::int64_t>(number) * gap;
    passage.entered.push_back(link.enter(packet(number, ip_octets), now));
    append(passage.left, link.advance(now));
  }
  append(passage.left, drain(link));
  return passage;
}

}  // namespace netduel::testing
