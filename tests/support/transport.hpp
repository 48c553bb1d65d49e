#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "netduel/base/endpoint.hpp"
#include "netduel/base/message.hpp"
#include "netduel/transport/tcp.hpp"

/// What tests of sockets share.
namespace netduel::testing {

using Octets = std::vector<std::byte>;

/// Long enough never to pass in a test that works, also under sanitizers on a busy machine.
inline Deadline in_good_time() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(20);
}
inline Deadline in(std::chrono::nanoseconds time) {
  return std::chrono::steady_clock::now() + time;
}
inline Deadline at_once() {
  return Deadline::min();
}

/// Octets that look random and are the same for the same seed.
inline Octets noise(std::size_t octets, std::uint32_t seed) {
  std::mt19937 generator(seed);
  Octets result(octets);
  for (std::byte& octet : result) octet = static_cast<std::byte>(generator());
  return result;
}

/// Messages that all differ.
inline std::vector<Octets> numbered(std::size_t count, std::size_t octets) {
  std::vector<Octets> messages;
  for (std::uint32_t i = 0; i < count; ++i) messages.push_back(noise(octets, i));
  return messages;
}

inline std::vector<Bytes> views(const std::vector<Octets>& messages) {
  return {messages.begin(), messages.end()};
}

inline Octets copy(Bytes octets) {
  return {octets.begin(), octets.end()};
}

inline Octets octets_of(const std::string& text) {
  const auto* const start = reinterpret_cast<const std::byte*>(text.data());
  return {start, start + text.size()};
}

inline std::string text_of(Bytes octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

/// What a call that fails says; empty when it doesn't.
template <class Call>
std::pair<std::string, std::error_code> failure_of(Call call) {
  try {
    call();
  } catch (const std::system_error& failure) {
    return {failure.what(), failure.code()};
  }
  return {};
}

inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// The versions of IP that this machine has: containers are often without IPv6.
std::vector<IpVersion> ip_versions();

struct TcpPair {
  TcpConnection client;
  TcpConnection server;
};
/// Two ends of a connection over loopback.
TcpPair tcp_pair(const TcpOptions& client = {}, const TcpOptions& server = {},
                 IpVersion version = IpVersion::v4);

/// Receives until there are `octets`, or the stream ends or fails.
Octets receive_octets(TcpConnection& connection, std::size_t octets);
/// Receives until there are `count` messages, or the stream ends or fails; copies of them.
std::vector<Octets> receive_messages(TcpConnection& connection, std::size_t count);

}  // namespace netduel::testing
