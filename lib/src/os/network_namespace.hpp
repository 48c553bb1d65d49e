#pragma once

#include <future>
#include <string>

#include "os/owned_handle.hpp"

namespace netduel::os {

/// A network of its own within this host: interfaces, addresses, routes, sockets. Gone with its
/// last process, socket and handle.
class NetworkNamespace {
 public:
  /// Makes a new one, with loopback up. The calling thread stays where it is. Throws
  /// std::system_error that names the attempt, and a remedy where one is known.
  static NetworkNamespace create();

  /// One that is there already, by its file (such as /proc/PID/ns/net). Throws std::system_error.
  static NetworkNamespace open(const std::string& path);

  /// Moves the calling thread, and nothing else, into it. Throws std::system_error.
  void enter() const;
  int handle() const { return handle_.get(); }

 private:
  explicit NetworkNamespace(OwnedHandle handle) : handle_(std::move(handle)) {}
  OwnedHandle handle_;
};

/// What a call gives in another network, on a thread of its own, so that the caller stays where it
/// is. Throws what the call throws.
template <class Call>
auto in_network(const NetworkNamespace& network, Call call) {
  return std::async(std::launch::async,
                    [&] {
                      network.enter();
                      return call();
                    })
      .get();
}

/// Makes this process able to create network namespaces: does nothing where it is already (root),
/// else moves it into a user namespace of its own, as its root. Only while the process has one
/// thread. Throws std::system_error whose text names the cause (a sysctl, AppArmor, a container)
/// and the remedy.
void become_able_to_make_namespaces();

}  // namespace netduel::os
