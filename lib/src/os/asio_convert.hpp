#pragma once

#include <cstring>
#include <string>
#include <system_error>

#include <asio/error.hpp>
#include <asio/error_code.hpp>

#include "netduel/base/endpoint.hpp"
#include "os/socket.hpp"

namespace netduel::os {

/// Endpoint <-> the endpoints of asio's protocols.
template <class Protocol>
typename Protocol::endpoint to_asio(const Endpoint& endpoint) {
  sockaddr_storage storage{};
  const std::size_t length = to_sockaddr(endpoint, storage);
  typename Protocol::endpoint result;
  std::memcpy(result.data(), &storage, length);
  result.resize(length);
  return result;
}

template <class AsioEndpoint>
Endpoint from_asio(const AsioEndpoint& endpoint) {
  sockaddr_storage storage{};
  std::memcpy(&storage, endpoint.data(), endpoint.size());
  return from_sockaddr(storage);
}

template <class Protocol>
Protocol protocol_of(const Endpoint& endpoint) {
  return endpoint.version() == IpVersion::v4 ? Protocol::v4() : Protocol::v6();
}

/// asio keeps errno in a category of its own; ours is the standard one, so that equal errors
/// compare equal whichever way they came.
inline std::error_code from_asio_error(const asio::error_code& error) {
  if (error.category() != asio::error::get_system_category()) return error;
  return {error.value(), std::generic_category()};
}

inline void throw_if(const asio::error_code& error, const std::string& attempt) {
  if (error) throw std::system_error(from_asio_error(error), attempt);
}

}  // namespace netduel::os
