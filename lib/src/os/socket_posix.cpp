#include "os/socket.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>

#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

namespace netduel::os {
namespace {

std::string names_of_interfaces() {
  const std::unique_ptr<struct if_nameindex, decltype(&if_freenameindex)> all(if_nameindex(),
                                                                              if_freenameindex);
  std::string names;
  if (!all) return names;
  for (const auto* one = all.get(); one->if_index != 0; ++one) {
    names += names.empty() ? "" : ", ";
    names += one->if_name;
  }
  return names;
}

}  // namespace

// Addresses are copied octet by octet: sockaddr_storage is memory in which a sockaddr_in lives only
// by the C library's word, and the compiler may not believe it.
socklen_t to_sockaddr(const Endpoint& endpoint, sockaddr_storage& storage) {
  storage = {};
  const auto& octets = endpoint.address_octets();
  if (endpoint.version() == IpVersion::v4) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(endpoint.port());
    std::memcpy(&address.sin_addr, octets.data(), sizeof address.sin_addr);
    std::memcpy(&storage, &address, sizeof address);
    return sizeof address;
  }
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(endpoint.port());
  address.sin6_scope_id = endpoint.scope_id();
  std::memcpy(&address.sin6_addr, octets.data(), sizeof address.sin6_addr);
  std::memcpy(&storage, &address, sizeof address);
  return sizeof address;
}

Endpoint from_sockaddr(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof address);
    std::array<std::uint8_t, 16> octets{};
    std::memcpy(octets.data(), &address.sin6_addr, octets.size());
    return Endpoint::v6(octets, ntohs(address.sin6_port), address.sin6_scope_id);
  }
  sockaddr_in address{};
  std::memcpy(&address, &storage, sizeof address);
  std::array<std::uint8_t, 4> octets{};
  std::memcpy(octets.data(), &address.sin_addr, octets.size());
  return Endpoint::v4(octets, ntohs(address.sin_port));
}

Endpoint local_endpoint(NativeHandle handle) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (getsockname(handle, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    throw_last_error("ask a socket for its address");
  }
  return from_sockaddr(storage);
}

Endpoint remote_endpoint(NativeHandle handle) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  if (getpeername(handle, reinterpret_cast<sockaddr*>(&storage), &length) != 0) {
    throw_last_error("ask a socket for its peer's address");
  }
  return from_sockaddr(storage);
}

void connect_datagrams(NativeHandle handle, const Endpoint& peer) {
  const std::string attempt = "connect a UDP socket to " + peer.to_string();
  // Linux would take it, and send to nowhere.
  if (peer.port() == 0) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt);
  }
  sockaddr_storage address{};
  const socklen_t length = to_sockaddr(peer, address);
  if (connect(handle, reinterpret_cast<const sockaddr*>(&address), length) != 0) {
    throw_last_error(attempt);
  }
}

std::optional<std::size_t> receive_one(NativeHandle handle, std::span<std::byte> octets) {
  const auto received = ::recv(handle, octets.data(), octets.size(), MSG_DONTWAIT);
  return received >= 0 ? std::optional(static_cast<std::size_t>(received)) : std::nullopt;
}

bool is_connected(NativeHandle handle) {
  sockaddr_storage storage{};
  socklen_t length = sizeof storage;
  return getpeername(handle, reinterpret_cast<sockaddr*>(&storage), &length) == 0;
}

void close_on_exec(NativeHandle handle) {
  if (fcntl(handle, F_SETFD, FD_CLOEXEC) != 0) throw_last_error("keep a socket to this process");
}

void close_handle(NativeHandle handle) {
  ::close(handle);
}

std::error_code last_error() {
  return {errno, std::generic_category()};
}

void throw_last_error(const std::string& attempt) {
  throw std::system_error(last_error(), attempt);
}

std::optional<std::uint32_t> interface_index(std::string_view name) {
  const unsigned index = if_nametoindex(std::string(name).c_str());
  if (index == 0) return std::nullopt;
  return index;
}

std::uint32_t interface_number(const std::string& interface, const std::string& attempt) {
  if (interface.empty()) return 0;
  std::uint32_t number = 0;
  const char* const end = interface.data() + interface.size();
  const auto [stop, error] = std::from_chars(interface.data(), end, number);
  if (error == std::errc{} && stop == end && number != 0) return number;
  if (const auto index = interface_index(interface)) return *index;
  throw std::system_error(std::make_error_code(std::errc::no_such_device),
                          attempt + " (interfaces here: " + names_of_interfaces() + ")");
}

}  // namespace netduel::os
