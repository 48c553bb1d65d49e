#include "os/stream.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <limits>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
// After netinet and sys: these define parts of the same structures and agree in this order.
#include <linux/errqueue.h>
#include <linux/net_tstamp.h>

#include "os/ip_options.hpp"
#include "os/owned_handle.hpp"
#include "os/socket.hpp"

namespace netduel::os {
namespace {

void take_stamp(msghdr& header, StreamRead& read) {
  for (cmsghdr* entry = CMSG_FIRSTHDR(&header); entry != nullptr;
       entry = CMSG_NXTHDR(&header, entry)) {
    if (entry->cmsg_level != SOL_SOCKET || entry->cmsg_type != SCM_TIMESTAMPING) continue;
    timespec software{};  // The first of three in scm_timestamping.
    std::memcpy(&software, CMSG_DATA(entry), sizeof software);
    if (software.tv_sec == 0) continue;
    read.arrived = WallTime(std::chrono::seconds(software.tv_sec) +
                            std::chrono::nanoseconds(software.tv_nsec));
    read.stamped_by = StampedBy::kernel;
  }
}

}  // namespace

bool enable_receive_stamps(NativeHandle handle) {
  const int flags = SOF_TIMESTAMPING_RX_SOFTWARE | SOF_TIMESTAMPING_SOFTWARE;
  return setsockopt(handle, SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags) == 0;
}

StreamRead read_stamped(NativeHandle handle, std::span<std::byte> into) {
  iovec vector{.iov_base = into.data(), .iov_len = into.size()};
  alignas(cmsghdr) std::array<std::byte, CMSG_SPACE(sizeof(scm_timestamping))> control;
  msghdr header{};
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  ssize_t octets = 0;
  do {
    octets = recvmsg(handle, &header, MSG_DONTWAIT);
  } while (octets < 0 && errno == EINTR);
  StreamRead read;
  if (octets < 0) {
    read.error = last_error();
    return read;
  }
  read.octets = static_cast<std::size_t>(octets);
  take_stamp(header, read);
  return read;
}

void reset_connection(NativeHandle handle) {
  // Dissolving the association (connect(2)) is the kernel's ABORT. It resets at once and wakes
  // waiting threads; shutdown would first send FIN, which looks to the peer like a proper end.
  sockaddr none{};
  none.sa_family = AF_UNSPEC;
  // By its number, because another thread may be using the socket: ThreadSanitizer takes connect()
  // for the making of a handle, which nobody else may use yet.
  if (syscall(SYS_connect, handle, &none, sizeof none) == 0) return;
  // Where that is forbidden, closing the handle sends the reset.
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  (void)setsockopt(handle, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  (void)shutdown(handle, SHUT_RD);
}

void set_user_timeout(NativeHandle handle, std::chrono::milliseconds time) {
  const std::string attempt =
      "fail a connection when nothing is acknowledged for " + std::to_string(time.count()) + " ms";
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  if (time.count() <= 0 || time.count() > most) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt);
  }
  const auto milliseconds = static_cast<unsigned>(time.count());
  set_option(handle, IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds, attempt);
}

void set_congestion(NativeHandle handle, const std::string& name) {
  if (setsockopt(handle, IPPROTO_TCP, TCP_CONGESTION, name.data(),
                 static_cast<socklen_t>(name.size())) == 0) {
    return;
  }
  const std::error_code error = last_error();
  std::string attempt = "use congestion control '" + name + "' (available:";
  for (const std::string& available : available_congestion_controls()) attempt += " " + available;
  throw std::system_error(error, attempt + ")");
}

std::vector<std::string> loaded_congestion_controls() {
  std::ifstream file("/proc/sys/net/ipv4/tcp_available_congestion_control");
  std::vector<std::string> names;
  for (std::string name; file >> name;) names.push_back(name);
  return names;
}

std::vector<std::string> available_congestion_controls() {
  // Others than root may set only those that an administrator has allowed, but all of them in a
  // network of their own.
  const OwnedHandle socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_TCP));
  auto names = loaded_congestion_controls();
  std::erase_if(names, [&](const std::string& name) {
    return setsockopt(socket.get(), IPPROTO_TCP, TCP_CONGESTION, name.data(),
                      static_cast<socklen_t>(name.size())) != 0;
  });
  return names;
}

}  // namespace netduel::os
