#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "netduel/base/message.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/socket_options.hpp"
#include "netduel/base/time.hpp"

namespace netduel::os {

/// What a kernel is asked for on a TCP socket beyond what asio offers; each a plain answer where
/// the platform has none.

struct StreamRead {
  std::size_t octets = 0;  ///< 0 without an error: the peer has half-closed
  WallTime arrived;        ///< of the last segment in the read, if stamped by the kernel
  StampedBy stamped_by = StampedBy::application;
  std::error_code error;  ///< would_block when nothing was there
};

/// Turns on receive stamps (SO_TIMESTAMPING); false where there are none.
bool enable_receive_stamps(NativeHandle handle);
/// One non-blocking read with the stamp.
StreamRead read_stamped(NativeHandle handle, std::span<std::byte> into);

struct StreamWrite {
  std::size_t octets = 0;   ///< that the kernel took
  std::size_t offered = 0;  ///< in this one write; more than `octets` when the send buffer is full
  std::error_code error;    ///< would_block when it was full before
};

/// One non-blocking write of `head` and then of as many messages as one system call takes (1024
/// pieces of memory; messages that lie one behind the other are one piece). Never raises SIGPIPE.
StreamWrite write_gathered(NativeHandle handle, Bytes head, std::span<const Bytes> batch);

/// Ends the sending direction (FIN). A connection that has failed meanwhile is no error.
void half_close(NativeHandle handle);
/// The ABORT call of RFC 9293, section 3.10.5: drops what is queued, sends RST, and wakes whoever
/// waits for the handle. The handle itself stays open.
void reset_connection(NativeHandle handle);

/// All options of a TCP socket but its buffers and framing. Throws std::system_error that names the
/// attempt.
void set_tcp_options(NativeHandle handle, IpVersion version, const TcpOptions& options);
/// TCP_USER_TIMEOUT. Throws std::system_error that names the attempt.
void set_user_timeout(NativeHandle handle, std::chrono::milliseconds time);
/// TCP_CONGESTION. Throws std::system_error that names the attempt and lists what the kernel has.
void set_congestion(NativeHandle handle, const std::string& name);
/// The names of those that the kernel has and lets this process use in the calling thread's
/// network; empty where it can't tell.
std::vector<std::string> available_congestion_controls();
/// All that the kernel has.
std::vector<std::string> loaded_congestion_controls();
/// TCP_INFO, read by the returned length: what the kernel is too old for stays absent.
TcpInfo tcp_info(NativeHandle handle);

}  // namespace netduel::os
