// A file of its own: <linux/tcp.h>, which knows the newer fields, and <netinet/tcp.h> define the
// same names and can't be included together.
#include <array>
#include <chrono>
#include <cstddef>
#include <limits>
#include <string_view>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "os/stream.hpp"

namespace netduel::os {
namespace {

using KernelInfo = struct ::tcp_info;

/// The kernel's answer and its length: older kernels give less, newer ones more than we know of.
struct Answer {
  KernelInfo info{};
  socklen_t octets = 0;

  template <class Field>
  std::optional<Field> get(const Field KernelInfo::*field) const {
    const auto* const start = reinterpret_cast<const std::byte*>(&info);
    const auto* const end = reinterpret_cast<const std::byte*>(&(info.*field)) + sizeof(Field);
    if (end - start > static_cast<std::ptrdiff_t>(octets)) return std::nullopt;
    return info.*field;
  }

  template <class Field>
  std::optional<std::chrono::nanoseconds> microseconds(const Field KernelInfo::*field) const {
    const auto count = get(field);
    if (!count) return std::nullopt;
    return std::chrono::microseconds(*count);
  }
};

std::string congestion_of(NativeHandle handle) {
  std::array<char, 16> name{};  // TCP_CA_NAME_MAX
  socklen_t length = name.size();
  if (getsockopt(handle, IPPROTO_TCP, TCP_CONGESTION, name.data(), &length) != 0) return {};
  const std::string_view filled(name.data(), length);
  return std::string(filled.substr(0, filled.find('\0')));
}

}  // namespace

TcpInfo tcp_info(NativeHandle handle) {
  TcpInfo result;
  result.congestion = congestion_of(handle);
  Answer answer;
  answer.octets = sizeof answer.info;
  if (getsockopt(handle, IPPROTO_TCP, TCP_INFO, &answer.info, &answer.octets) != 0) return result;

  if (const auto options = answer.get(&KernelInfo::tcpi_options)) {
    result.timestamps = (*options & TCPI_OPT_TIMESTAMPS) != 0;
  }
  result.send_mss_octets = answer.get(&KernelInfo::tcpi_snd_mss);
  result.path_mtu_octets = answer.get(&KernelInfo::tcpi_pmtu);
  // Before the first sample the round trip times are 0 and "all ones".
  if (answer.get(&KernelInfo::tcpi_rtt).value_or(0) != 0) {
    result.smoothed_rtt = answer.microseconds(&KernelInfo::tcpi_rtt);
    result.rtt_variation = answer.microseconds(&KernelInfo::tcpi_rttvar);
  }
  if (answer.info.tcpi_min_rtt != std::numeric_limits<std::uint32_t>::max()) {
    result.minimum_rtt = answer.microseconds(&KernelInfo::tcpi_min_rtt);
  }
  const auto window_segments = answer.get(&KernelInfo::tcpi_snd_cwnd);
  if (window_segments && result.send_mss_octets) {
    result.congestion_window_octets = std::uint64_t{*window_segments} * *result.send_mss_octets;
  }
  result.send_window_octets = answer.get(&KernelInfo::tcpi_snd_wnd);
  result.reordering_events = answer.get(&KernelInfo::tcpi_reord_seen);
  result.retransmitted_segments = answer.get(&KernelInfo::tcpi_total_retrans);
  result.octets_sent = answer.get(&KernelInfo::tcpi_bytes_sent);
  result.octets_retransmitted = answer.get(&KernelInfo::tcpi_bytes_retrans);
  result.octets_acknowledged = answer.get(&KernelInfo::tcpi_bytes_acked);
  result.busy = answer.microseconds(&KernelInfo::tcpi_busy_time);
  result.receive_window_limited = answer.microseconds(&KernelInfo::tcpi_rwnd_limited);
  result.send_buffer_limited = answer.microseconds(&KernelInfo::tcpi_sndbuf_limited);
  return result;
}

}  // namespace netduel::os
