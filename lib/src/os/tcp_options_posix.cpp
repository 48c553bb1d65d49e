#include <chrono>
#include <limits>
#include <string>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "os/ip_options.hpp"
#include "os/socket.hpp"
#include "os/stream.hpp"

namespace netduel::os {
namespace {

/// An option that holds an int; what doesn't fit into one is refused as the system refuses others.
void set_int(NativeHandle handle, int option, std::int64_t value, const std::string& attempt) {
  if (value < 0 || value > std::numeric_limits<int>::max()) {
    throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt);
  }
  set_option(handle, IPPROTO_TCP, option, static_cast<int>(value), attempt);
}

void set_keepalive(NativeHandle handle, const Keepalive& keepalive) {
  const int on = 1;
  set_option(handle, SOL_SOCKET, SO_KEEPALIVE, on, "probe an idle connection");
  const auto seconds_in_words = [](std::chrono::seconds time) {
    return std::to_string(time.count()) + " s (1 s to 32767 s)";
  };
  if (keepalive.idle) {
    set_int(handle, TCP_KEEPIDLE, keepalive.idle->count(),
            "probe a connection idle for " + seconds_in_words(*keepalive.idle));
  }
  if (keepalive.interval) {
    set_int(handle, TCP_KEEPINTVL, keepalive.interval->count(),
            "probe an idle connection every " + seconds_in_words(*keepalive.interval));
  }
  if (keepalive.probes) {
    set_int(handle, TCP_KEEPCNT, *keepalive.probes,
            "give up after " + std::to_string(*keepalive.probes) + " probes (1 to 127)");
  }
}

}  // namespace

void set_tcp_options(NativeHandle handle, IpVersion version, const TcpOptions& options) {
  const int no_delay = options.no_delay ? 1 : 0;
  set_option(handle, IPPROTO_TCP, TCP_NODELAY, no_delay, "switch Nagle's algorithm off or on");
  if (!options.congestion.empty()) set_congestion(handle, options.congestion);
  if (options.mss_octets) {
    const std::size_t octets = *options.mss_octets;
    // Linux takes 0 for "as before", which nobody asks for.
    set_int(handle, TCP_MAXSEG, octets == 0 ? -1 : static_cast<std::int64_t>(octets),
            "use segments of at most " + std::to_string(octets) + " octets (88 to 32767)");
  }
  if (options.keepalive) set_keepalive(handle, *options.keepalive);
  if (options.user_timeout) set_user_timeout(handle, *options.user_timeout);
  if (options.linger) {
    const std::string attempt = "linger for " + std::to_string(options.linger->count()) + " s";
    if (options.linger->count() < 0 ||
        options.linger->count() > std::numeric_limits<int>::max() / 1000) {
      throw std::system_error(std::make_error_code(std::errc::invalid_argument), attempt);
    }
    const linger at_most{.l_onoff = 1, .l_linger = static_cast<int>(options.linger->count())};
    set_option(handle, SOL_SOCKET, SO_LINGER, at_most, attempt);
  }
  set_hop_limit(handle, version, options.hop_limit);
  set_traffic_class(handle, version, options.dscp);
  set_interface(handle, options.interface);
  set_max_pacing(handle, options.max_pacing_bits_per_second);
}

}  // namespace netduel::os
