#include "os/multicast_state.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>

#include <netinet/igmp.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace netduel::os {
namespace {

// Of the calling thread's network: /proc/net shows that of the process's first thread.
constexpr const char* igmp_file = "/proc/thread-self/net/igmp";
constexpr const char* igmp6_file = "/proc/thread-self/net/igmp6";
constexpr const char* mcfilter_file = "/proc/thread-self/net/mcfilter";
constexpr const char* mcfilter6_file = "/proc/thread-self/net/mcfilter6";
constexpr const char* snmp6_file = "/proc/thread-self/net/snmp6";

std::optional<std::uint64_t> number(std::string_view text, int base = 10) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::string> word_in(const std::string& path) {
  std::string word;
  std::ifstream(path) >> word;
  return word.empty() ? std::nullopt : std::optional(word);
}

std::optional<std::uint64_t> number_in(const std::string& path) {
  const auto word = word_in(path);
  return word ? number(*word) : std::nullopt;
}

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream each(line);
  std::vector<std::string> words;
  for (std::string word; each >> word;) words.push_back(word);
  return words;
}

/// As /proc/net/igmp has it: the address as the processor reads its four octets.
std::string as_in_igmp(const Endpoint& group) {
  std::uint32_t raw = 0;
  std::memcpy(&raw, group.address_octets().data(), sizeof raw);
  std::array<char, 9> text{};
  std::snprintf(text.data(), text.size(), "%08X", raw);
  return text.data();
}

/// 32 digits without colons for IPv6, and 0x with eight digits for IPv4.
std::string as_in_mcfilter(const Endpoint& group) {
  const bool v4 = group.version() == IpVersion::v4;
  std::string text = v4 ? "0x" : "";
  constexpr std::string_view digits = "0123456789abcdef";
  for (std::size_t i = 0; i < (v4 ? 4U : 16U); ++i) {
    text += digits[group.address_octets()[i] >> 4U];
    text += digits[group.address_octets()[i] & 15U];
  }
  return text;
}

struct Listed {
  std::vector<MulticastState::Member> members;
  std::vector<std::string> indexes;
  bool known = false;
};

/// A line for each interface, "1 lo : 1 V3", and below it one for each of its groups.
Listed members_v4(const Endpoint& group) {
  Listed listed;
  std::ifstream file(igmp_file);
  listed.known = file.is_open();
  const std::string wanted = as_in_igmp(group);
  std::string line, interface, index, version;
  std::getline(file, line);
  while (std::getline(file, line)) {
    const auto words = words_of(line);
    if (words.size() < 3) continue;
    if (line.front() != '\t') {
      index = words[0];
      interface = words[1].substr(0, words[1].find(':'));
      version = words.back();
    } else if (words[0] == wanted) {
      listed.members.push_back(
          {.interface = interface, .version = version, .including_sources = {}});
      listed.indexes.push_back(index);
    }
  }
  return listed;
}

/// "1 lo ff02...01 1 0000000C 0".
Listed members_v6(const Endpoint& group) {
  Listed listed;
  std::ifstream file(igmp6_file);
  listed.known = file.is_open();
  const std::string wanted = as_in_mcfilter(group);
  for (std::string line; std::getline(file, line);) {
    const auto words = words_of(line);
    if (words.size() < 3 || words[2] != wanted) continue;
    listed.members.push_back({.interface = words[1], .version = {}, .including_sources = {}});
    listed.indexes.push_back(words[0]);
  }
  return listed;
}

/// "4 eth0 0xe8010203 0x0a000001 1 0": so many sockets include the source, and exclude it.
void add_sources(const Endpoint& group, Listed& listed) {
  std::ifstream file(group.version() == IpVersion::v4 ? mcfilter_file : mcfilter6_file);
  if (!file) return;
  for (auto& member : listed.members) member.including_sources = 0;
  const std::string wanted = as_in_mcfilter(group);
  for (std::string line; std::getline(file, line);) {
    const auto words = words_of(line);
    if (words.size() < 6 || words[2] != wanted) continue;
    for (std::size_t n = 0; n < listed.members.size(); ++n) {
      if (listed.indexes[n] != words[0]) continue;
      *listed.members[n].including_sources += number(words[4]).value_or(0);
    }
  }
}

void look_at_interface(IpVersion version, MulticastState& state) {
  constexpr std::uint64_t is_up = 1;
  constexpr std::uint64_t is_multicast = 0x1000;
  const std::string device = "/sys/class/net/" + state.interface;
  if (const auto flags = word_in(device + "/flags"); flags && flags->starts_with("0x")) {
    if (const auto bits = number(std::string_view(*flags).substr(2), 16)) {
      state.up = (*bits & is_up) != 0;
      state.takes_multicast = (*bits & is_multicast) != 0;
    }
  }
  if (const auto carrier = number_in(device + "/carrier")) state.has_carrier = *carrier != 0;
  if (const auto snoops = number_in(device + "/bridge/multicast_snooping")) {
    state.bridge_snoops = *snoops != 0;
  }
  if (const auto queries = number_in(device + "/bridge/multicast_querier")) {
    state.bridge_queries = *queries != 0;
  }
  if (version == IpVersion::v4) {
    state.rp_filter_interface =
        number_in("/proc/sys/net/ipv4/conf/" + state.interface + "/rp_filter");
  }
}

}  // namespace

MulticastState multicast_state(const Endpoint& group, const std::string& interface) {
  const bool v4 = group.version() == IpVersion::v4;
  Listed listed = v4 ? members_v4(group) : members_v6(group);
  add_sources(group, listed);
  MulticastState state;
  state.members_known = listed.known;
  state.members = std::move(listed.members);
  state.interface = interface;
  if (interface.empty() && !state.members.empty()) state.interface = state.members[0].interface;
  if (v4) state.rp_filter_all = number_in("/proc/sys/net/ipv4/conf/all/rp_filter");
  if (!state.interface.empty()) look_at_interface(group.version(), state);
  return state;
}

QuerierWatch::QuerierWatch(IpVersion version) : version_(version) {
  if (version != IpVersion::v4) return;
  handle_ = OwnedHandle(socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_IGMP));
}

/// Queries are sent each 125 seconds, or oftener (RFC 9776, section 8.2).
std::optional<bool> QuerierWatch::heard() {
  if (version_ == IpVersion::v6) {
    std::ifstream file(snmp6_file);
    std::string name, value;
    while (file >> name >> value) {
      if (name != "Icmp6InGroupMembQueries") continue;
      const auto queries = number(value);
      return queries ? std::optional(*queries > 0) : std::nullopt;
    }
    return std::nullopt;
  }
  if (handle_.get() < 0) return std::nullopt;
  // A raw socket's packets begin with their IP header.
  std::array<unsigned char, 256> packet{};
  for (int i = 0; i < 1000 && !heard_; ++i) {
    const ssize_t octets = recv(handle_.get(), packet.data(), packet.size(), MSG_DONTWAIT);
    if (octets <= 0) break;
    const std::size_t header = std::size_t{4} * (packet[0] & 15U);
    heard_ = static_cast<std::size_t>(octets) > header && packet[header] == IGMP_MEMBERSHIP_QUERY;
  }
  return heard_;
}

}  // namespace netduel::os
