#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "netduel/base/message.hpp"
#include "netduel/base/socket_options.hpp"
#include "netduel/base/time.hpp"

namespace netduel::os {

/// What a kernel is asked for on a TCP socket beyond what asio offers; each a plain answer where
/// the platform has none.

struct StreamRead {
  std::size_t octets = 0;      ///< 0 without an error: the peer has half-closed
  WallTime arrived;            ///< of the last segment in the read
  StampedBy stamped_by = StampedBy::application;
  std::error_code error;       ///< would_block when nothing was there
};

/// Turns on receive stamps (SO_TIMESTAMPING); false where there are none.
bool enable_receive_stamps(NativeHandle handle);
/// One non-blocking read with the stamp.
StreamRead read_stamped(NativeHandle handle, std::span<std::byte> into);

/// TCP_CONGESTION. Throws std::system_error that names the attempt and lists what the kernel has.
void set_congestion(NativeHandle handle, const std::string& name);
/// The names that the kernel offers to this process; empty where it can't tell.
std::vector<std::string> available_congestion_controls();
/// TCP_INFO, read by the returned length: what the kernel is too old for stays absent.
TcpInfo tcp_info(NativeHandle handle);

}  // namespace netduel::os
