#pragma once

#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "os/network_namespace.hpp"

/// What tests in network namespaces of their own share. They are tagged [.netns] and run as
/// tests/netns/run allows.
namespace netduel::testing {

/// What a call gives in another network; sockets stay there.
template <class Call>
auto in_network(const os::NetworkNamespace& network, Call call) {
  std::optional<decltype(call())> result;
  std::exception_ptr failure;
  std::thread([&] {
    try {
      network.enter();
      result.emplace(call());
    } catch (...) {
      failure = std::current_exception();
    }
  }).join();
  if (failure) std::rethrow_exception(failure);
  return std::move(*result);
}

}  // namespace netduel::testing
