#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "netduel/base/export.hpp"

namespace netduel {

enum class IpVersion : std::uint8_t { v4 = 4, v6 = 6 };

/// An IP address and a port (RFC 9622, section 6.1), parsed once at the edge and passed as a value
/// from there on. Cheap to copy; thread-safe as any value is.
class NETDUEL_EXPORT Endpoint {
 public:
  /// Turns the name of an interface, the part behind '%', into its index; nullopt when there is no
  /// such interface. A plain number is understood without it. On POSIX systems a lambda around
  /// if_nametoindex (RFC 3493, section 4.1) is one.
  using InterfaceIndex = std::optional<std::uint32_t> (*)(std::string_view name);

  /// The IPv4 wildcard, port 0.
  Endpoint() = default;

  /// From an address in network byte order: 192.0.2.1 is {192, 0, 2, 1}. The zone is the index of
  /// an interface (RFC 4007), 0 for none.
  static Endpoint v4(const std::array<std::uint8_t, 4>& address, std::uint16_t port);
  static Endpoint v6(const std::array<std::uint8_t, 16>& address, std::uint16_t port,
                     std::uint32_t scope_id = 0);
  /// 127.0.0.1 (RFC 1122, section 3.2.1.3) or ::1 (RFC 4291, section 2.5.3).
  static Endpoint loopback(IpVersion version, std::uint16_t port = 0);
  /// The unspecified address, 0.0.0.0 or ::. Bound to, it stands for every address of this host.
  static Endpoint any(IpVersion version, std::uint16_t port = 0);

  /// Reads `192.0.2.1`, `192.0.2.1:5201`, `2001:db8::1`, `[2001:db8::1]:5201` and
  /// `[fe80::1%2]:5201` (RFC 3986 section 3.2.2 for the brackets, RFC 4291 section 2.2 for the
  /// text forms, RFC 4007 section 11 for the zone). Strict: no spaces, no leading zeros in IPv4
  /// octets, no names. Without a port, `default_port` is taken; 0 is read as a port
  /// too, so whoever needs a real one checks. nullopt when malformed.
  static std::optional<Endpoint> parse(std::string_view text, std::uint16_t default_port = 0,
                                       InterfaceIndex interface_index = nullptr);

  IpVersion version() const { return version_; }
  std::uint16_t port() const { return port_; }
  /// The zone of a link-local IPv6 address, as an interface index; 0 when there is none.
  std::uint32_t scope_id() const { return scope_id_; }
  Endpoint with_port(std::uint16_t port) const;

  /// The address in network byte order: 4 octets used for IPv4, 16 for IPv6.
  const std::array<std::uint8_t, 16>& address_octets() const { return address_; }

  /// In 127.0.0.0/8, or ::1 (RFC 4291, section 2.5.3).
  bool is_loopback() const;
  /// 0.0.0.0 or ::, as `any` makes it.
  bool is_unspecified() const;
  /// In 224.0.0.0/4 (RFC 1112, section 4) or ff00::/8 (RFC 4291, section 2.7).
  bool is_multicast() const;

  /// `192.0.2.1:5201` or `[2001:db8::1]:5201`, the form that `parse` reads; IPv6 as RFC 5952.
  std::string to_string() const;
  /// The address alone, without brackets and port; a zone follows as a number, `fe80::1%2`.
  std::string address_to_string() const;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;

 private:
  std::array<std::uint8_t, 16> address_{};
  std::uint32_t scope_id_ = 0;
  std::uint16_t port_ = 0;
  IpVersion version_ = IpVersion::v4;
};

}  // namespace netduel
