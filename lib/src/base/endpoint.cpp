#include "netduel/base/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <span>

namespace netduel {
namespace {

using V4Octets = std::array<std::uint8_t, 4>;
using V6Octets = std::array<std::uint8_t, 16>;
using Groups = std::array<std::uint16_t, 8>;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Decimal digits only, and no leading zero: some readers take `010` for octal.
template <class T>
std::optional<T> parse_decimal(std::string_view text) {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  T number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<V4Octets> parse_v4(std::string_view text) {
  V4Octets octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    const bool last = i + 1 == octets.size();
    const std::size_t end = last ? text.size() : text.find('.');
    if (end == std::string_view::npos) return std::nullopt;
    const auto octet = parse_decimal<std::uint8_t>(text.substr(0, end));
    if (!octet) return std::nullopt;
    octets[i] = *octet;
    if (!last) text.remove_prefix(end + 1);
  }
  return octets;
}

std::optional<std::uint16_t> parse_hex_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint16_t group = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), group, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return group;
}

/// Reads groups parted by single colons into `groups`; an IPv4 tail counts as two. An empty text
/// holds none. Returns how many there were.
std::optional<std::size_t> parse_groups(std::string_view text, bool may_end_in_v4,
                                        std::span<std::uint16_t> groups) {
  std::size_t count = 0;
  for (bool more = !text.empty(); more;) {
    const std::size_t colon = text.find(':');
    const std::string_view part = text.substr(0, colon);
    more = colon != std::string_view::npos;
    if (!more && may_end_in_v4 && part.find('.') != std::string_view::npos) {
      const auto tail = parse_v4(part);
      if (!tail || count + 2 > groups.size()) return std::nullopt;
      groups[count++] = static_cast<std::uint16_t>((*tail)[0] << 8 | (*tail)[1]);
      groups[count++] = static_cast<std::uint16_t>((*tail)[2] << 8 | (*tail)[3]);
    } else {
      const auto group = parse_hex_group(part);
      if (!group || count == groups.size()) return std::nullopt;
      groups[count++] = *group;
    }
    if (more) text.remove_prefix(colon + 1);
  }
  return count;
}

/// The three text forms of RFC 4291, section 2.2.
std::optional<V6Octets> parse_v6(std::string_view text) {
  Groups groups{};
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (parse_groups(text, true, groups) != groups.size()) return std::nullopt;
  } else {
    Groups behind{};
    const auto count_before = parse_groups(text.substr(0, gap), false, groups);
    const auto count_behind = parse_groups(text.substr(gap + 2), true, behind);
    // The gap stands for at least one group.
    if (!count_before || !count_behind || *count_before + *count_behind >= groups.size()) {
      return std::nullopt;
    }
    std::copy_n(behind.begin(), *count_behind,
                groups.end() - static_cast<std::ptrdiff_t>(*count_behind));
  }
  V6Octets octets{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    octets[2 * i] = static_cast<std::uint8_t>(groups[i] >> 8);
    octets[2 * i + 1] = static_cast<std::uint8_t>(groups[i] & 0xff);
  }
  return octets;
}

/// A zone is a number or the name of an interface (RFC 4007, section 11.2).
std::optional<std::uint32_t> parse_zone(std::string_view text, Endpoint::InterfaceIndex by_name) {
  if (text.empty()) return std::nullopt;
  if (std::ranges::all_of(text, is_digit)) return parse_decimal<std::uint32_t>(text);
  const auto cannot_be_in_a_name = [](char c) { return c <= ' ' || c == '/' || c == '\x7f'; };
  if (by_name == nullptr || std::ranges::any_of(text, cannot_be_in_a_name)) return std::nullopt;
  return by_name(text);
}

/// An IPv6 address with an optional zone, as it stands between brackets.
std::optional<Endpoint> parse_v6_and_zone(std::string_view text, std::uint16_t port,
                                          Endpoint::InterfaceIndex by_name) {
  const std::size_t percent = text.find('%');
  const auto octets = parse_v6(text.substr(0, percent));
  if (!octets) return std::nullopt;
  if (percent == std::string_view::npos) return Endpoint::v6(*octets, port);
  const auto zone = parse_zone(text.substr(percent + 1), by_name);
  if (!zone) return std::nullopt;
  return Endpoint::v6(*octets, port, *zone);
}

bool is_v4_mapped(const V6Octets& octets) {
  return std::all_of(octets.begin(), octets.begin() + 10, [](auto octet) { return octet == 0; }) &&
         octets[10] == 0xff && octets[11] == 0xff;
}

std::string v4_to_string(std::span<const std::uint8_t> octets) {
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i > 0) text += '.';
    text += std::to_string(octets[i]);
  }
  return text;
}

struct Run {
  std::size_t first = 0;
  std::size_t length = 0;
};

/// The longest run of zero groups, the first of equals (RFC 5952, section 4.2.3).
Run longest_run_of_zeros(const Groups& groups) {
  Run longest;
  Run current;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] != 0) {
      current = {.first = i + 1, .length = 0};
    } else if (++current.length > longest.length) {
      longest = current;
    }
  }
  return longest;
}

std::string v6_to_string(const V6Octets& octets) {
  // RFC 5952, section 5: a known prefix tells that an IPv4 address is inside, so it is shown.
  if (is_v4_mapped(octets)) return "::ffff:" + v4_to_string(std::span(octets).subspan(12));

  Groups groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(octets[2 * i] << 8 | octets[2 * i + 1]);
  }
  const Run zeros = longest_run_of_zeros(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    // One group alone is never shortened (section 4.2.2).
    if (zeros.length > 1 && i == zeros.first) {
      text += "::";
      i += zeros.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), groups[i], 16).ptr;
    text.append(digits.begin(), end);
  }
  return text;
}

}  // namespace

Endpoint Endpoint::v4(const V4Octets& address, std::uint16_t port) {
  Endpoint endpoint;
  std::ranges::copy(address, endpoint.address_.begin());
  endpoint.port_ = port;
  return endpoint;
}

Endpoint Endpoint::v6(const V6Octets& address, std::uint16_t port, std::uint32_t scope_id) {
  Endpoint endpoint;
  endpoint.address_ = address;
  endpoint.scope_id_ = scope_id;
  endpoint.port_ = port;
  endpoint.version_ = IpVersion::v6;
  return endpoint;
}

Endpoint Endpoint::loopback(IpVersion version, std::uint16_t port) {
  if (version == IpVersion::v4) return v4({127, 0, 0, 1}, port);
  V6Octets one{};
  one.back() = 1;
  return v6(one, port);
}

Endpoint Endpoint::any(IpVersion version, std::uint16_t port) {
  return version == IpVersion::v4 ? v4({}, port) : v6({}, port);
}

std::optional<Endpoint> Endpoint::parse(std::string_view text, std::uint16_t default_port,
                                        InterfaceIndex interface_index) {
  if (text.starts_with('[')) {
    const std::size_t bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    std::optional<std::uint16_t> port = default_port;
    const std::string_view rest = text.substr(bracket + 1);
    if (!rest.empty()) {
      if (rest.front() != ':') return std::nullopt;
      port = parse_decimal<std::uint16_t>(rest.substr(1));
    }
    if (!port) return std::nullopt;
    return parse_v6_and_zone(text.substr(1, bracket - 1), *port, interface_index);
  }

  const std::size_t colon = text.find(':');
  // A second colon: an IPv6 address, which without brackets has no port.
  if (colon != std::string_view::npos && text.find(':', colon + 1) != std::string_view::npos) {
    return parse_v6_and_zone(text, default_port, interface_index);
  }
  const auto address = parse_v4(text.substr(0, colon));
  if (!address) return std::nullopt;
  if (colon == std::string_view::npos) return v4(*address, default_port);
  const auto port = parse_decimal<std::uint16_t>(text.substr(colon + 1));
  if (!port) return std::nullopt;
  return v4(*address, *port);
}

Endpoint Endpoint::with_port(std::uint16_t port) const {
  Endpoint endpoint = *this;
  endpoint.port_ = port;
  return endpoint;
}

bool Endpoint::is_loopback() const {
  if (version_ == IpVersion::v4) return address_[0] == 127;
  return address_ == loopback(IpVersion::v6).address_;
}

bool Endpoint::is_unspecified() const {
  return address_ == V6Octets{};
}

bool Endpoint::is_multicast() const {
  return version_ == IpVersion::v4 ? (address_[0] & 0xf0) == 0xe0 : address_[0] == 0xff;
}

std::string Endpoint::to_string() const {
  const std::string address = address_to_string();
  const std::string port = std::to_string(port_);
  return version_ == IpVersion::v4 ? address + ":" + port : "[" + address + "]:" + port;
}

std::string Endpoint::address_to_string() const {
  if (version_ == IpVersion::v4) return v4_to_string(address_);
  const std::string address = v6_to_string(address_);
  return scope_id_ == 0 ? address : address + "%" + std::to_string(scope_id_);
}

}  // namespace netduel
