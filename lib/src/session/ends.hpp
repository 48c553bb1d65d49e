#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "measure/integrity.hpp"
#include "netduel/base/endpoint.hpp"
#include "netduel/base/socket_counters.hpp"
#include "netduel/base/time.hpp"
#include "netduel/measure/arrival.hpp"
#include "netduel/measure/drop_gaps.hpp"
#include "netduel/measure/histogram.hpp"
#include "netduel/measure/ledger.hpp"
#include "netduel/measure/metrics.hpp"
#include "session/plan.hpp"

namespace netduel {

/// What the sending end knows of a finished trial. A plain value that can travel.
struct SenderReport {
  SenderCounts counts;
  /// Sent in the omitted time, and not in `counts`.
  std::uint64_t omitted_messages = 0;
  /// The socket that sent. Its address is unspecified where the socket is bound to none.
  Endpoint source;
  /// Of `counts.skipped`: due within the trial, but the transport had not taken them when it ended.
  std::uint64_t left_at_the_end = 0;
  /// From before the socket was opened until the first message could be sent.
  std::chrono::nanoseconds setup{};
  std::optional<WallTime> first_sent;
  /// From the start of sending to the return of the last send.
  std::chrono::nanoseconds sending{};
  std::chrono::nanoseconds cpu{};
  /// How late batches left after they were due: this tool's own error, part of `delay_seconds`.
  DurationHistogram lateness;
  /// How far the wall clock moved against the monotonic one while sending.
  std::chrono::nanoseconds clock_step{};
  SocketCounters socket;
  std::optional<TcpInfo> tcp;
  /// Why the stack refused messages, the first time it did.
  std::optional<std::string> first_refusal;
  bool interrupted = false;
};

/// What the receiving end knows of a finished trial. A plain value that can travel.
struct ReceiverReport {
  ReceiverCounts counts;
  /// All payload that came, duplicates included, without that of the omitted time.
  std::uint64_t octets = 0;
  /// Of the omitted time, and not in `counts`.
  std::uint64_t omitted_messages = 0;
  /// How many the stream held, as far as this end knows: the sender's final count, or one more than
  /// the largest number that came.
  std::uint64_t stream_messages = 0;
  HostCounters host;
  /// What the check of their content found; absent where there was none.
  std::optional<IntegrityCounts> integrity;
  StreamMeter meter;
  /// The first of them, in the order of reading, as far as the plan asked for them; duplicates too.
  std::vector<Arrival> arrivals;
  bool has_all_arrivals = true;
  std::uint64_t stamped_by_kernel = 0;
  std::uint64_t stamped_by_application = 0;
  std::chrono::nanoseconds cpu{};
  /// From the start of receiving to its end, the drain included.
  std::chrono::nanoseconds receiving{};
  /// The same to the last arrival, without the omitted time; zero when nothing came after that.
  std::chrono::nanoseconds last_read{};
  SocketCounters socket;
  /// The stream was read to its end; always true for a transport without one.
  bool read_to_the_end = true;
  std::optional<std::string> failure;
};

/// The two sides that a trial runs over: here, or standing in for another host. Called from one
/// thread. Set-up throws std::system_error that names the attempt.
class ReceivingEnd {
 public:
  virtual ~ReceivingEnd() = default;
  /// Listens; returns where.
  virtual Endpoint open(const Plan& plan) = 0;
  /// Begins to receive from that source, and counts what comes from others as foreign.
  virtual void start(const Endpoint& source) = 0;
  /// The sender's final count over a reliable way: tail loss is exact from here. Receives for
  /// the plan's drain time, or to the end of a stream, and reports. After a stop a stream that
  /// doesn't end soon is cut.
  virtual ReceiverReport finish(std::uint64_t final_count, std::stop_token stop) = 0;
};

class SendingEnd {
 public:
  virtual ~SendingEnd() = default;
  /// Opens a connection, or a socket that needs none; returns the source that messages will have. A
  /// stop ends a wait for the peer with std::errc::operation_canceled.
  virtual Endpoint open(const Plan& plan, const Endpoint& to, std::stop_token stop) = 0;
  /// Sends what the plan says and closes its side; returns early when asked to stop.
  virtual SenderReport run(std::stop_token stop) = 0;
};

}  // namespace netduel
