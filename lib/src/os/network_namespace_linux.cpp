#include "os/network_namespace.hpp"

#include <cerrno>
#include <fstream>
#include <optional>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace netduel::os {
namespace {

std::optional<long> number_in(const char* file) {
  long number = 0;
  if (std::ifstream(file) >> number) return number;
  return std::nullopt;
}

/// Why the kernel may have refused, and what helps, as far as its settings tell.
std::string remedy(int error) {
  if (number_in("/proc/sys/user/max_user_namespaces") == 0) {
    return " (user.max_user_namespaces is 0; as root: sysctl -w user.max_user_namespaces=10000)";
  }
  if (number_in("/proc/sys/user/max_net_namespaces") == 0) {
    return " (user.max_net_namespaces is 0; as root: sysctl -w user.max_net_namespaces=10000)";
  }
  if (number_in("/proc/sys/kernel/unprivileged_userns_clone") == 0) {
    return " (kernel.unprivileged_userns_clone is 0; as root: sysctl -w "
           "kernel.unprivileged_userns_clone=1, or run netduel as root)";
  }
  if (number_in("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == 1) {
    return " (AppArmor restricts user namespaces; as root: sysctl -w "
           "kernel.apparmor_restrict_unprivileged_userns=0, or run netduel as root)";
  }
  if (error == ENOSPC || error == EUSERS) {
    return " (too many namespaces are in use; see the sysctls user.max_*_namespaces)";
  }
  if (error == EPERM || error == EACCES) {
    return " (this process may not: in a container give it CAP_SYS_ADMIN, for example with "
           "--privileged; elsewhere run netduel as root)";
  }
  return {};
}

[[noreturn]] void refuse(const std::string& attempt) {
  const int error = errno;
  throw std::system_error(std::error_code(error, std::generic_category()), attempt + remedy(error));
}

/// Some kernels and containers deny a file that others allow: who needs it says what then.
bool write_file(const char* path, std::string_view text) {
  const int file = ::open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const ssize_t written = write(file, text.data(), text.size());
  const int error = errno;
  close(file);
  errno = error;
  return written == static_cast<ssize_t>(text.size());
}

void bring_loopback_up() {
  const OwnedHandle socket{::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)};
  ifreq request{};
  request.ifr_name[0] = 'l';
  request.ifr_name[1] = 'o';
  request.ifr_flags = IFF_UP;
  if (socket.get() < 0 || ioctl(socket.get(), SIOCSIFFLAGS, &request) != 0) {
    refuse("bring a new network's loopback up");
  }
}

/// By the effective capabilities: to try would take a thread, and a user namespace is only for
/// processes that have one.
bool may_make_network_namespaces() {
  constexpr unsigned cap_sys_admin = 21;
  std::ifstream file("/proc/self/status");
  std::string word;
  while (file >> word) {
    unsigned long long capabilities = 0;
    if (word != "CapEff:" || !(file >> std::hex >> capabilities)) continue;
    return ((capabilities >> cap_sys_admin) & 1U) != 0;
  }
  return false;
}

}  // namespace

NetworkNamespace NetworkNamespace::create() {
  // On a thread of its own, so that the caller's stays where it is.
  const auto make = [] {
    if (unshare(CLONE_NEWNET) != 0) refuse("make a network namespace");
    auto network = open("/proc/thread-self/ns/net");
    bring_loopback_up();
    return network;
  };
  return std::async(std::launch::async, make).get();
}

NetworkNamespace NetworkNamespace::open(const std::string& path) {
  OwnedHandle handle{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (handle.get() < 0) refuse("open the network namespace " + path);
  return NetworkNamespace(std::move(handle));
}

void NetworkNamespace::enter() const {
  if (setns(handle_.get(), CLONE_NEWNET) != 0) refuse("enter a network namespace");
}

void become_able_to_make_namespaces() {
  if (may_make_network_namespaces()) return;
  const std::string user = std::to_string(geteuid());
  const std::string group = std::to_string(getegid());
  if (unshare(CLONE_NEWUSER) != 0) refuse("make a user namespace");
  // Group 0 can be mapped only by one that can't change its groups (user_namespaces(7)).
  (void)write_file("/proc/self/setgroups", "deny");
  if (!write_file("/proc/self/uid_map", "0 " + user + " 1") ||
      !write_file("/proc/self/gid_map", "0 " + group + " 1")) {
    refuse("become root of a user namespace");
  }
}

}  // namespace netduel::os
